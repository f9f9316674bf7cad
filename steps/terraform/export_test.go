package terraform

// Ranks is for the tests of package terraform_test.
var Ranks = ranks
