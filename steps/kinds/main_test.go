package kinds_test

import (
	"testing"

	"catalog-runbook/steps/testdata/fake"
)

func TestMain(m *testing.M) { fake.Main(m) }
