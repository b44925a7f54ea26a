package faults

// introduction and mutations stand before and behind the table in
// docs/reliability.md.
const introduction = `# What goes wrong, and what does not follow from it

The worst this exporter could do is to publish a number that is too low: it
would silence the one alert that people rely on. The second worst is to send a
credential to a stranger. Each row below is a fault that a cloud, a network, an
operator or an attacker can produce, with a script that plays it against the
built program (folder ` + "`faults`" + `), and the figure that the script asserts.
` + "`make faults`" + ` prints the table with what was measured, and the rows that do
not hold; ` + "`go test ./...`" + ` runs all rows.

This file is generated: ` + "`go test ./test/faults -update`" + `.

`

const mutations = `
## Beyond the rows

- **State machine** (rows 33 to 35): ` + "`make model`" + ` plays 10,000 random sequences of
  faults, scrapes, probes, reloads and time steps against the collection and
  holds what is published against a model: it is always the last complete answer
  or nothing, nothing older than ` + "`max_stale`" + ` stands in for a failure, times never
  go back, and what is used never drops because something failed.
- **Long running** (row 37): ` + "`make soak`" + ` scrapes 10,000 times and for 20 minutes at
  least, with random faults and reloads, and prints goroutines, descriptors and
  heap every 500 scrapes.
- **Fuzzing**: ` + "`make fuzz`" + ` runs every target: each decoder, links and markers,
  entries of address groups, label values, the configuration, the journal, and
  the queries of every HTTP route.

## Would the tests notice?

Each line was broken on purpose in a copy of the source, and the tests named
failed.

| broken on purpose | fails |
|---|---|
| drop the pages after the second | rows 12, 14, 16 |
| follow redirects | row 17, TestRedirectsAreNotFollowed |
| publish a partial list | rows 8, 14 |
| forget max_stale | row 34, TestModel, TestAnOutageKeepsTheLastAnswerUntilMaxStale, TestDataTooOldIsNotShownWhileACollectionOnDemandHangs |
| log the body of an error | row 42, TestMessagesHoldNoCredential, TestErrorsOfAllShapesAreRead |
| retry a POST | TestAMutationIsSentOnce, TestWhatIsTriedAgain, TestARequestEndsWithHTTPTimeout |
| accept {} as a list | row 9 |
| take the path of a next link for good, whatever it is | TestConformanceAForeignLinkIsAnErrorAndNeverFollowed, TestPagingThatLeadsNowhereIsAnError |
| publish nothing as an answer when a collection fails | rows 9, 35, TestModel |
| read bodies of any size | row 10 |
| do not pause after a 429 | rows 4, 5 |
| let a panic end the process | row 38, TestMemoSharesAPanicAsAnError |
| wait for the cloud however long it takes | rows 7, 33 |
| log in for each refused request | row 1 |
| count an item twice that is listed twice | row 25, TestAnItemListedTwiceCountsOnce |
| end the process with answers under way | row 39 |
| take a repeated parameter of /probe | TestProbeTakesConfiguredNamesOnly |
| end the old configuration before the new one is read | row 40 |
| keep all of a catalogue | row 54, TestOfACatalogueOnlyWhatCanBeAskedIsKept |
| log what a server sends unasked | row 55 |
| release a port whatever its project | row 57, TestNobodyReleasesWhatIsOfOtherProjects |
| believe any id of a cloud | row 53, TestAnItemThatCannotBeAskedForIsOneItemLeftOut |
| open whatever a clouds.yaml is | row 56 |
| show names as they come, or as long as they are | row 58, TestNoFormatLetsANameCommandTheTerminal |
| take parts of a listing for the whole without proof | TestPartsMissNothingWhateverTheOrder |
| lose count of unreadable ports in parts | TestPartsTellOfEveryPortThatCannotBeRead |
`
