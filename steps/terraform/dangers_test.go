package terraform_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
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
