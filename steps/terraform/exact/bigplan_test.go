package exact

import (
	"bytes"
	"fmt"
	"io"
)

// bigPlan writes a plan of so many changes, of some 5 KB each, without ever
// holding more than one of them. Its parts are those of a real one, with what the
// AWS provider has of an instance.
type bigPlan struct {
	n      int
	part   int
	i      int
	ready  bytes.Buffer
	reads  int
	atRead func(reads int) // may be nil
}

func (p *bigPlan) Read(b []byte) (int, error) {
	p.reads++
	if p.atRead != nil {
		p.atRead(p.reads)
	}
	for p.ready.Len() < len(b) && p.part < len(bigParts) {
		p.write()
	}
	if p.ready.Len() == 0 {
		return 0, io.EOF
	}
	return p.ready.Read(b)
}

// bigParts are the parts of the plan: the text before the resources, one of n resources,
// and the text after them.
var bigParts = []struct {
	before string
	one    func(w io.Writer, i int)
	behind string
}{
	{`{"format_version":"1.2","terraform_version":"1.11.4","planned_values":{"root_module":{"resources":[`, func(w io.Writer, i int) {
		fmt.Fprintf(w, `{"address":"aws_instance.worker[%d]","mode":"managed","type":"aws_instance","name":"worker","index":%d,"schema_version":1,"values":%s,"sensitive_values":{"tags":{}}}`, i, i, bigValues(i, "v1.5.5"))
	}, `]}},`},
	{`"resource_changes":[`, func(w io.Writer, i int) {
		fmt.Fprintf(w, `{"address":"aws_instance.worker[%d]","mode":"managed","type":"aws_instance","name":"worker","index":%d,"provider_name":"registry.terraform.io/hashicorp/aws",`, i, i)
		fmt.Fprintf(w, `"change":{"actions":["delete","create"],"before":%s,"after":%s,"after_unknown":{"arn":true,"id":true,"tags":{},"root_block_device":[{"volume_id":true}]},`, bigValues(i, "v1.5.4"), bigValues(i, "v1.5.5"))
		fmt.Fprintf(w, `"before_sensitive":{"password":true,"tags":{}},"after_sensitive":{"password":true,"tags":{}},"replace_paths":[["user_data"]]},"action_reason":"replace_because_cannot_update"}`)
	}, `],`},
	{`"prior_state":{"format_version":"1.0","values":{"root_module":{"resources":[`, func(w io.Writer, i int) {
		fmt.Fprintf(w, `{"address":"aws_instance.worker[%d]","mode":"managed","type":"aws_instance","name":"worker","index":%d,"schema_version":1,"values":%s}`, i, i, bigValues(i, "v1.5.4"))
	}, `]}}},"timestamp":"2026-01-02T03:04:05Z","applyable":true,"complete":true,"errored":false}`},
}

func (p *bigPlan) write() {
	part := bigParts[p.part]
	if p.i == 0 {
		p.ready.WriteString(part.before)
	} else {
		p.ready.WriteByte(',')
	}
	part.one(&p.ready, p.i)
	if p.i++; p.i == p.n {
		p.ready.WriteString(part.behind)
		p.part, p.i = p.part+1, 0
	}
}

func bigValues(i int, version string) string {
	return fmt.Sprintf(`{"ami":"ami-0abcdef%09d","arn":"arn:aws:ec2:us-east-1:123456789012:instance/i-%017x","associate_public_ip_address":true,"availability_zone":"us-east-1a","cpu_core_count":2,"disable_api_termination":false,"ebs_optimized":true,"get_password_data":false,"host_id":null,"id":"i-%017x","instance_type":"t3.large","ipv6_addresses":[],"key_name":"ops","monitoring":false,"password":"the same for all of them","private_ip":"10.0.%d.%d",`, i, i, i, i/256%256, i%256) +
		`"root_block_device":[{"delete_on_termination":true,"device_name":"/dev/xvda","encrypted":true,"iops":3000,"tags":{},"throughput":125,"volume_id":"vol-0123456789abcdef0","volume_size":64,"volume_type":"gp3"}],"security_groups":[],"subnet_id":"subnet-0123456789abcdef0",` +
		fmt.Sprintf(`"tags":{"Environment":"prod","Name":"worker-%d","Service":"catalog"},"tenancy":"default","user_data":"#!/bin/bash\nset -e\ndocker pull ghcr.io/example/catalog:%s\ndocker run -d --name catalog \"ghcr.io/example/catalog:%s\"\n","vpc_security_group_ids":["sg-0123456789abcdef0","sg-0123456789abcdef1"]}`, i, version, version)
}
