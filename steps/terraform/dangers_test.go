package terraform_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	. "catalog-runbook/steps/terraform"
	"catalog-runbook/steps/terraform/exact"
)

type object = map[string]any

// A danger makes a plan that passes one that must not pass. It returns false if the plan
// has nothing that it could change.
type danger func(r *rand.Rand, plan object) bool

// pick returns any of the elements.
func pick[T any](r *rand.Rand, all ...T) T { return all[r.IntN(len(all))] }

func changesIn(plan object) []any {
	all, _ := plan["resource_changes"].([]any)
	return all
}

// anyChange returns any resource change that fits.
func anyChange(r *rand.Rand, plan object, fits func(c object) bool) object {
	var all []object
	for _, c := range changesIn(plan) {
		if fits(c.(object)) {
			all = append(all, c.(object))
		}
	}
	if len(all) == 0 {
		return nil
	}
	return pick(r, all...)
}

func isService(c object) bool {
	return strings.HasSuffix(c["address"].(string), ".catalog_airflow") && c["type"] != "aws_db_instance"
}

// acts makes a change have these actions, and the values that they imply.
func acts(c object, actions ...any) {
	change := c["change"].(object)
	before, after := change["before"], change["after"]
	if before == nil {
		before = after
	}
	if after == nil {
		after = before
	}
	change["actions"], change["before"], change["after"] = actions, before, after
	delete(change, "replace_paths")
	switch actions[0] {
	case "delete", "forget":
		if len(actions) == 1 {
			change["after"] = nil
			change["after_unknown"] = object{}
		}
	case "create":
		if len(actions) == 1 {
			change["before"] = nil
		}
	}
}

// adds adds a resource change.
func adds(r *rand.Rand, plan object, kind string, before, after any, actions ...any) bool {
	name := fmt.Sprintf("added%d", r.IntN(1000))
	c := object{"address": kind + "." + name, "mode": "managed", "type": kind, "name": name, "change": object{"actions": actions, "before": before, "after": after}}
	if r.IntN(2) == 0 {
		c["address"] = `module.m["a.b"].` + kind + "." + name
		c["module_address"] = `module.m["a.b"]`
	}
	all := changesIn(plan)
	plan["resource_changes"] = slices.Insert(slices.Clone(all), r.IntN(len(all)+1), any(c))
	return true
}

var dangers = map[string]danger{
	"something is destroyed": func(r *rand.Rand, plan object) bool {
		c := anyChange(r, plan, func(c object) bool { return c["mode"] == "managed" && !isService(c) })
		if c == nil {
			return adds(r, plan, "aws_eip", object{"a": "b"}, nil, "delete")
		}
		acts(c, "delete")
		return true
	},
	"something is forgotten": func(r *rand.Rand, plan object) bool {
		return adds(r, plan, pick(r, "aws_eip", "aws_db_instance", "aws_instance"), object{"a": "b"}, nil, "forget")
	},
	"something else is replaced": func(r *rand.Rand, plan object) bool {
		actions := pick(r, []any{"delete", "create"}, []any{"create", "delete"})
		return adds(r, plan, pick(r, "aws_eip", "aws_instance", "aws_ebs_volume", "aws_lb_target_group_attachment"), object{"a": "b"}, object{"a": "c"}, actions...)
	},
	"an earlier object is destroyed": func(r *rand.Rand, plan object) bool {
		adds(r, plan, "aws_eip", object{"a": "b"}, nil, "delete")
		c := anyChange(r, plan, func(c object) bool { return strings.Contains(c["address"].(string), ".added") })
		c["deposed"] = "0a1b2c3d"
		return true
	},
	"a database": func(r *rand.Rand, plan object) bool {
		kind := pick(r, "aws_db_instance", "aws_rds_cluster", "google_sql_database_instance", "aws_elasticache_cluster", "aws_db_subnet_group")
		switch r.IntN(3) {
		case 0:
			return adds(r, plan, kind, nil, object{"a": "b"}, "create")
		case 1:
			return adds(r, plan, kind, object{"a": "b"}, object{"a": "c"}, "delete", "create")
		}
		return adds(r, plan, kind, object{"a": "b", "publicly_accessible": false}, object{"a": "b", "publicly_accessible": true}, "update")
	},
	"a database moves": func(r *rand.Rand, plan object) bool {
		adds(r, plan, "aws_eip", object{"a": "b"}, object{"a": "b"}, "no-op")
		c := anyChange(r, plan, func(c object) bool { return strings.Contains(c["address"].(string), ".added") })
		c["previous_address"] = "aws_db_instance.catalog_db"
		return true
	},
	"an action": func(r *rand.Rand, plan object) bool {
		i := object{"address": "action.aws_lambda_invoke.hook", "type": "aws_lambda_invoke", "name": "hook"}
		if r.IntN(2) == 0 {
			i["invoke_action_trigger"] = object{}
		} else {
			i["lifecycle_action_trigger"] = object{"triggering_resource_address": "aws_instance.catalog_airflow", "action_trigger_event": pick(r, "BeforeCreate", "AfterCreate", "AfterUpdate")}
		}
		plan["action_invocations"] = []any{i}
		return true
	},
	"a port is opened": func(r *rand.Rand, plan object) bool {
		source := pick(r, []any{"0.0.0.0/0"}, []any{"10.0.0.0/8", "0.0.0.0/0"}, []any{"0.0.0.0/1", "128.0.0.0/1"}, []any{"64.0.0.0/2"})
		rule := func(sources any) object {
			return object{"protocol": pick(r, "tcp", "udp", "-1"), "from_port": 22, "to_port": pick(r, 22, 443, 65535), "cidr_blocks": sources}
		}
		var before any
		actions := []any{"create"}
		if r.IntN(2) == 0 {
			actions = []any{"update"}
		}
		switch r.IntN(3) {
		case 0:
			if actions[0] == "update" {
				before = object{"ingress": []any{rule([]any{"192.0.2.0/24"})}}
			}
			return adds(r, plan, "aws_security_group", before, object{"ingress": []any{rule([]any{"10.0.0.0/8"}), rule(source)}}, actions...)
		case 1:
			after := rule(source)
			after["type"] = "ingress"
			return adds(r, plan, "aws_security_group_rule", nil, after, "create")
		}
		if actions[0] == "update" {
			before = object{"ip_protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_ipv4": "192.0.2.0/24"}
		}
		return adds(r, plan, "aws_vpc_security_group_ingress_rule", before,
			object{"ip_protocol": "tcp", "from_port": 22, "to_port": 22, pick(r, "cidr_ipv4", "cidr_ipv6"): pick(r, "::/0", "0.0.0.0/0", "2000::/3")}, actions...)
	},
	"another version": func(r *rand.Rand, plan object) bool {
		c := anyChange(r, plan, func(c object) bool {
			return isService(c) && c["change"].(object)["after"] != nil && c["type"] == "aws_instance"
		})
		if c == nil {
			return false
		}
		after := c["change"].(object)["after"].(object)
		text := "#!/bin/sh\ndocker run openverse-catalog:" + pick(r, "v1.5.2", "v1.5.4", "v2.0.0", "v1.5.3-rc1", "v1.4.9") + "\n"
		delete(after, "user_data")
		switch r.IntN(4) {
		case 0:
			after["user_data"] = text
		case 1:
			after["user_data_base64"] = base64.StdEncoding.EncodeToString([]byte(text))
		case 2:
			after["user_data_base64"] = gzipped(text)
		default:
			after["user_data"] = text
			c["change"].(object)["after_sensitive"] = object{"user_data": true}
		}
		return true
	},
	"the same version": func(r *rand.Rand, plan object) bool {
		c := anyChange(r, plan, func(c object) bool {
			return isService(c) && c["change"].(object)["before"] != nil && c["type"] == "aws_instance"
		})
		if c == nil {
			return false
		}
		values := c["change"].(object)
		old, _ := values["before"].(object)["user_data"].(string)
		after, ok := values["after"].(object)
		if !ok || !strings.Contains(old, "v1.5.2") {
			return false
		}
		after["user_data"] = old
		return true
	},
	"the instance is updated in place": func(r *rand.Rand, plan object) bool {
		c := anyChange(r, plan, func(c object) bool { return isService(c) && c["type"] == "aws_instance" })
		if c == nil {
			return false
		}
		acts(c, "update")
		return true
	},
	"the instance stays": func(r *rand.Rand, plan object) bool {
		plan["resource_changes"] = slices.DeleteFunc(slices.Clone(changesIn(plan)), func(c any) bool { return isService(c.(object)) })
		return true
	},
	"the instance is destroyed": func(r *rand.Rand, plan object) bool {
		c := anyChange(r, plan, isService)
		acts(c, pick[any](r, "delete", "forget"))
		return true
	},
	"no instance is refreshed": func(r *rand.Rand, plan object) bool {
		c := anyChange(r, plan, func(c object) bool { return c["type"] == "aws_autoscaling_group" })
		if c == nil {
			return false
		}
		c["change"].(object)["after"].(object)["instance_refresh"] = []any{}
		return true
	},
	"a resource is left out": func(r *rand.Rand, plan object) bool {
		resources := []any{object{"address": "aws_eip.left", "mode": "managed", "type": "aws_eip", "name": "left", "values": object{}}}
		if r.IntN(2) == 0 {
			delete(plan, "complete")
			state, ok := plan["prior_state"].(object)
			if !ok {
				return false
			}
			root := state["values"].(object)["root_module"].(object)
			had, _ := root["resources"].([]any)
			root["resources"] = append(slices.Clone(had), resources...)
			return true
		}
		if r.IntN(2) == 0 {
			plan["complete"] = false
			return true
		}
		delete(plan, "complete")
		root := plan["configuration"].(object)["root_module"].(object)
		had, _ := root["resources"].([]any)
		root["resources"] = append(slices.Clone(had), any(object{"address": "aws_eip.left", "mode": "managed", "type": "aws_eip", "name": "left"}))
		return true
	},
	"a part that isn't known": func(r *rand.Rand, plan object) bool {
		plan[pick(r, "invocations", "resource_moves", "x")] = pick(r, any([]any{object{"a": "b"}}), any(object{"a": 1}), any("a"), any(true))
		return true
	},
	"something is put off": func(r *rand.Rand, plan object) bool {
		plan[pick(r, "deferred_changes", "deferred_action_invocations")] = []any{object{"reason": "x"}}
		return true
	},
	"planning failed": func(r *rand.Rand, plan object) bool { plan["errored"] = true; return true },
	"it can't be applied": func(r *rand.Rand, plan object) bool {
		plan["applyable"] = false
		return true
	},
	"another format": func(r *rand.Rand, plan object) bool {
		plan["format_version"] = pick(r, any("2.0"), any("x"), any(1))
		return true
	},
	"an action that isn't known": func(r *rand.Rand, plan object) bool {
		c := anyChange(r, plan, func(object) bool { return true })
		c["change"].(object)["actions"] = pick(r, []any{"explode"}, []any{"delete", "forget"}, []any{}, []any{"update", "update"}, []any{1})
		return true
	},
	"a change twice": func(r *rand.Rand, plan object) bool {
		all := changesIn(plan)
		plan["resource_changes"] = append(slices.Clone(all), pick(r, all...))
		return true
	},
	"values that don't fit": func(r *rand.Rand, plan object) bool {
		c := anyChange(r, plan, isService)
		c["change"].(object)[pick(r, "before", "after")] = nil
		return true
	},
}

// TestNoDangerPasses makes plans that pass dangerous, each with one random change: 200
// times, or 5,000 times with -long.
func TestNoDangerPasses(t *testing.T) {
	n := 200
	if *long {
		n = 5_000
	}
	policy := Policy{Service: "catalog-airflow", Release: "v1.5.3"}
	var names []string
	plans := map[string][]byte{}
	for _, name := range fixtures(t) {
		if p := readExact(t, name, policy); p != nil && !strings.Contains(name, "coloured") && Judge(*p, policy).Verdict == Passed {
			raw, err := os.ReadFile(filepath.Join("testdata", filepath.FromSlash(name)+".json"))
			if err != nil {
				continue // it has another name
			}
			names, plans[name] = append(names, name), raw
		}
	}
	kinds := make([]string, 0, len(dangers))
	for kind := range dangers {
		kinds = append(kinds, kind)
	}
	slices.Sort(kinds)
	if len(names) < 10 {
		t.Fatalf("only %d plans pass", len(names))
	}
	tried := map[string]int{}
	for i := 0; i < n; i++ {
		r := rand.New(rand.NewPCG(7, uint64(i)))
		name, kind := pick(r, names...), kinds[i%len(kinds)]
		var plan object
		if err := json.Unmarshal(plans[name], &plan); err != nil {
			t.Fatal(err)
		}
		if !dangers[kind](r, plan) {
			continue
		}
		tried[kind]++
		mutant, err := json.Marshal(plan)
		if err != nil {
			t.Fatal(err)
		}
		p, err := exact.Read(bytes.NewReader(mutant), exact.Options{Edits: policy.NeedsEdits, Attributes: policy.NeedsAttributes})
		if err != nil {
			continue // that is refused too
		}
		if j := Judge(p, policy); j.Verdict == Passed {
			t.Errorf("%s, mutation %d: passes although %s: %s", name, i, kind, j.Summary)
		}
	}
	for _, kind := range kinds {
		if tried[kind] == 0 && (*long || kind != "no instance is refreshed") {
			t.Errorf("%s: was not tried", kind)
		}
	}
}

// textDangers are dangers in a text: what is added to the list of actions, and how much
// that adds to the counts of what is added, changed and destroyed.
var textDangers = map[string]struct {
	block                string
	add, change, destroy int
}{
	"something is destroyed":     {"  # aws_eip.x will be destroyed\n  # (because aws_eip.x is not in configuration)\n  - resource \"aws_eip\" \"x\" {\n      - id = \"x\" -> null\n    }\n\n", 0, 0, 1},
	"something is forgotten":     {" # aws_eip.x will no longer be managed by Terraform, but will not be destroyed\n # (destroy = false is set in the configuration)\n . resource \"aws_eip\" \"x\" {\n        id = \"x\"\n    }\n\n", 0, 0, 0},
	"something else is replaced": {"  # module.m[\"a\"].aws_instance.x must be replaced\n+/- resource \"aws_instance\" \"x\" {\n      ~ user_data = \"a\" -> \"b\" # forces replacement\n    }\n\n", 1, 0, 1},
	"a database":                 {"  # aws_db_instance.x will be updated in-place\n  ~ resource \"aws_db_instance\" \"x\" {\n      ~ publicly_accessible = false -> true\n    }\n\n", 0, 1, 0},
	"a database moves":           {"  # aws_db_instance.x has moved to aws_db_instance.y\n    resource \"aws_db_instance\" \"y\" {\n        id = \"x\"\n    }\n\n", 0, 0, 0},
	"an earlier object":          {"  # aws_eip.x (deposed object 0a1b2c3d) will be destroyed\n  - resource \"aws_eip\" \"x\" {\n      - id = \"x\" -> null\n    }\n\n", 0, 0, 1},
	"a port is opened":           {"  # aws_security_group.x will be updated in-place\n  ~ resource \"aws_security_group\" \"x\" {\n      ~ ingress = [\n          + {\n              + cidr_blocks = [\n                  + \"0.0.0.0/0\",\n                ]\n              + from_port   = 22\n            },\n        ]\n    }\n\n", 0, 1, 0},
	"a rule opens a port":        {"  # aws_vpc_security_group_ingress_rule.x will be updated in-place\n  ~ resource \"aws_vpc_security_group_ingress_rule\" \"x\" {\n      ~ cidr_ipv6 = \"2001:db8::/32\" -> \"::/0\"\n    }\n\n", 0, 1, 0},
	"a header isn't known":       {"  # aws_eip.x will be turned around\n  ~ resource \"aws_eip\" \"x\" {\n      ~ id = \"x\" -> \"y\"\n    }\n\n", 0, 1, 0},
	"an action":                  {"    # Actions to be invoked after this change in order:\n    action \"aws_lambda_invoke\" \"x\" {\n        config {\n            function_name = \"x\"\n        }\n    }\n\n", 0, 0, 0},
	"resources are left out":     {"", 0, 0, 0},
	"planning failed":            {"", 0, 0, 0},
}

var countsOfPlan = regexp.MustCompile(`(\d+) to add, (\d+) to change, (\d+) to destroy`)

// TestNoDangerPassesInText does the same for texts: 200 times, or 5,000 with -long. The
// counts follow what is added, so that only reading it tells.
func TestNoDangerPassesInText(t *testing.T) {
	n := 200
	if *long {
		n = 5_000
	}
	policy := Policy{Service: "catalog-airflow", Release: "v1.5.3"}
	var texts []string
	for _, name := range fixtures(t) {
		if text := fixture(t, name); !strings.Contains(name, "coloured") && strings.Contains(text, "\nPlan: ") && Judge(read(t, text), policy).Verdict == Passed {
			texts = append(texts, text)
		}
	}
	kinds := slices.Sorted(maps.Keys(textDangers))
	if len(texts) < 10 {
		t.Fatalf("only %d texts pass", len(texts))
	}
	for i := range n {
		r := rand.New(rand.NewPCG(11, uint64(i)))
		text, kind := pick(r, texts...), kinds[i%len(kinds)]
		d := textDangers[kind]
		// Between two blocks, or below the last.
		list := text[:strings.Index(text, "\nPlan: ")+1]
		ends := regexp.MustCompile(`(?m)^    }\n\n`).FindAllStringIndex(list, -1)
		if len(ends) == 0 {
			continue
		}
		at := pick(r, ends...)[1]
		mutant := text[:at] + d.block + text[at:]
		mutant = countsOfPlan.ReplaceAllStringFunc(mutant, func(counts string) string {
			m := countsOfPlan.FindStringSubmatch(counts)
			more := func(digits string, by int) int { n, _ := strconv.Atoi(digits); return n + by }
			return fmt.Sprintf("%d to add, %d to change, %d to destroy", more(m[1], d.add), more(m[2], d.change), more(m[3], d.destroy))
		})
		switch kind {
		case "an action":
			mutant = strings.Replace(mutant, " to destroy.\n", " to destroy. Actions: 1 to invoke.\n", 1)
		case "resources are left out":
			mutant += pick(r, "\nWarning: Resource targeting is in effect\n", "\nWarnings:\n\n- Resource targeting is in effect\n\nTo see the full warning notes, run Terraform without -compact-warnings.\n",
				"\nWarning: Applied changes may be incomplete\n", "\nYou are creating a plan with the -target option, which means\n")
		case "planning failed":
			mutant += pick(r, "\nError: no such thing\n", "│ Error: no such thing\n", "error: recipe `plan` failed on line 3 with exit code 1\n")
		}
		if j := Judge(read(t, mutant), policy); j.Verdict == Passed {
			t.Errorf("mutation %d passes although %s: %s\n%s", i, kind, j.Summary, mutant)
		}
	}
}
