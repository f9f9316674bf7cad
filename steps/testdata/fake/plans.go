package fake

import (
	"strings"

	"catalog-runbook/steps/terraform/testdata"
)

// Printed reads what a real Terraform printed (terraform/testdata/README.md).
func Printed(name string) string {
	data, err := testdata.Texts.ReadFile(name + ".txt")
	if err != nil {
		panic(err)
	}
	return string(data)
}

// deploys is a plan that deploys the release, and asks is what apply shows of it.
var (
	Deploys = strings.ReplaceAll(Printed("cloud-deploy"), "v1.5.3", Tag)
	Asks    = strings.ReplaceAll(Printed("cloud-deploy-apply"), "v1.5.3", Tag)
)

const Completed = "\nApply complete! Resources: 1 added, 0 changed, 1 destroyed.\n"
