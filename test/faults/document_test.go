package faults

// introduction and rest stand before and behind the table in docs/reliability.md.
const introduction = `# Faults, and what the exporter does

The worst fault would be to publish a number that is too low: the alert for a full
subnet would not fire. The second worst would be to send a credential to a stranger. For each
row, a script plays the fault against the built program and asserts the promise with
figures; ` + "`make faults-long`" + ` prints them with what was measured.

`

const rest = `
` + "`make model`" + ` compares 10,000 random sequences of faults, scrapes, reloads and time with a model of
what may be published; ` + "`make fuzz`" + ` runs every decoder with random input.
`
