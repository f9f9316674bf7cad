package just

import (
	"archive/zip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"time"

	"catalog-runbook/steps/practice/state"
)

// savedPlan is the content of a plan file in the practice. All output about the plan is
// derived from it.
type savedPlan struct {
	Practice int              `json:"practice"` // the version of this form
	Made     time.Time        `json:"made"`
	Before   state.Deployment `json:"before"`
	After    state.Deployment `json:"after"`
}

const savedPlanVersion = 1

// The members of a plan file, which is a zip archive.
const (
	planMember = "tfplan"
	rootModule = "tfconfig/m-/"
)

// save writes the plan to a file, with the configuration in the folder of s, from which
// it was made.
func (p plan) save(name string, s service) error {
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	archive := zip.NewWriter(file)
	err = p.pack(archive, s)
	return errors.Join(err, archive.Close(), file.Close())
}

func (p plan) pack(archive *zip.Writer, s service) error {
	data, err := json.Marshal(savedPlan{savedPlanVersion, p.made, p.Before, p.After})
	if err != nil {
		return err
	}
	if err := p.add(archive, planMember, data); err != nil {
		return err
	}
	files, err := fs.Glob(s.checkout.FS(), path.Dir(s.file)+"/*.tf")
	if err != nil {
		return err
	}
	for _, file := range files {
		data, err := s.checkout.ReadFile(file)
		if err != nil {
			return err
		}
		if err := p.add(archive, rootModule+path.Base(file), data); err != nil {
			return err
		}
	}
	return p.add(archive, "tfconfig/modules.json", []byte("[\n  {\n    \"Key\": \"\",\n    \"Dir\": \".\"\n  }\n]"))
}

func (p plan) add(archive *zip.Writer, name string, data []byte) error {
	w, err := archive.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: p.made})
	if err != nil {
		return err
	}
	_, err = w.Write(data)
	return err
}

// openPlan reads a plan file of the practice. It fails for those of a real Terraform.
func openPlan(name string) (plan, error) {
	if _, err := os.Stat(name); err != nil {
		return plan{}, err
	}
	archive, err := zip.OpenReader(name)
	if err != nil {
		return plan{}, fmt.Errorf("couldn't load the provided path as either a local plan file (%w) or a saved cloud plan", err)
	}
	defer archive.Close()
	file, err := archive.Open(planMember)
	if err != nil {
		return plan{}, err
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, 1<<20))
	if err != nil {
		return plan{}, err
	}
	var saved savedPlan
	if err := json.Unmarshal(data, &saved); err != nil || saved.Practice != savedPlanVersion {
		return plan{}, errors.New("the plan file was not created in a practice world of this version")
	}
	return makePlan(saved.Before, saved.After, saved.Made), nil
}
