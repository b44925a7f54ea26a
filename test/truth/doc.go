// Package truth compares every number that the exporter publishes of a simulated
// cloud with what the simulated cloud knows.
package truth
