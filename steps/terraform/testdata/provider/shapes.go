package main

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/listplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// shape is a resource with attributes of its own. Whether a change of one updates or
// replaces it is as the AWS provider's documentation says
// (registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/NAME).
type shape struct {
	thing
	attributes map[string]schema.Attribute
	blocks     map[string]schema.Block
}

func (s shape) Schema(_ context.Context, _ resource.SchemaRequest, r *resource.SchemaResponse) {
	all := map[string]schema.Attribute{
		"id": schema.StringAttribute{Computed: true, PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown()}},
	}
	for name, a := range s.attributes {
		all[name] = a
	}
	r.Schema = schema.Schema{Attributes: all, Blocks: s.blocks}
}

func (s shape) Create(_ context.Context, q resource.CreateRequest, r *resource.CreateResponse) {
	r.State.Raw = known(q.Plan.Raw, s.name)
}

func (s shape) Update(_ context.Context, q resource.UpdateRequest, r *resource.UpdateResponse) {
	r.State.Raw = known(q.Plan.Raw, s.name)
}

func (shape) Read(context.Context, resource.ReadRequest, *resource.ReadResponse) {}

// known returns a planned value with values for what isn't known in it.
func known(planned tftypes.Value, name string) tftypes.Value {
	all, err := tftypes.Transform(planned, func(_ *tftypes.AttributePath, v tftypes.Value) (tftypes.Value, error) {
		switch {
		case v.IsKnown():
			return v, nil
		case v.Type().Is(tftypes.String):
			return tftypes.NewValue(tftypes.String, name+"-1"), nil
		case v.Type().Is(tftypes.Number):
			return tftypes.NewValue(tftypes.Number, 1), nil
		}
		return tftypes.NewValue(v.Type(), nil), nil
	})
	if err != nil {
		panic(err)
	}
	return all
}

// secretVersion has a write-only attribute, which is in neither the plan nor the state.
var secretVersion = shape{thing: thing{"aws_secretsmanager_secret_version"}, attributes: map[string]schema.Attribute{
	"secret_id":                schema.StringAttribute{Optional: true},
	"secret_string_wo":         schema.StringAttribute{Optional: true, WriteOnly: true},
	"secret_string_wo_version": schema.Int64Attribute{Optional: true},
}}

// shapes are resources as the AWS provider documents them, as far as plans show it.
func shapes() []shape {
	text := schema.StringAttribute{Optional: true}
	number := schema.Int64Attribute{Optional: true}
	flag := schema.BoolAttribute{Optional: true}
	computed := schema.StringAttribute{Computed: true}
	labels := schema.MapAttribute{Optional: true, ElementType: types.StringType}
	forces := schema.StringAttribute{Optional: true, PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()}}
	forcesNumber := schema.Int64Attribute{Optional: true, PlanModifiers: []planmodifier.Int64{int64planmodifier.RequiresReplace()}}
	userData := schema.StringAttribute{Optional: true, PlanModifiers: []planmodifier.String{
		stringplanmodifier.RequiresReplaceIf(func(ctx context.Context, q planmodifier.StringRequest, r *stringplanmodifier.RequiresReplaceIfFuncResponse) {
			var replace types.Bool
			q.Config.GetAttribute(ctx, path.Root("user_data_replace_on_change"), &replace)
			r.RequiresReplace = replace.ValueBool()
		}, "", ""),
	}}
	list := types.ListType{ElemType: types.StringType}
	// Attributes as blocks, which may have no rules, or unknown ones.
	rules := schema.SetAttribute{Optional: true, Computed: true, ElementType: types.ObjectType{AttrTypes: map[string]attr.Type{
		"cidr_blocks": list, "ipv6_cidr_blocks": list, "prefix_list_ids": list, "security_groups": types.SetType{ElemType: types.StringType},
		"description": types.StringType, "from_port": types.Int64Type, "to_port": types.Int64Type, "protocol": types.StringType, "self": types.BoolType,
	}}}
	return []shape{
		{thing{"aws_instance"}, map[string]schema.Attribute{
			"ami": forces, "instance_type": text, "user_data": userData, "user_data_base64": userData, "user_data_replace_on_change": flag,
			"tags": labels, "public_ip": computed,
		}, nil},
		{thing{"aws_launch_template"}, map[string]schema.Attribute{
			"name": forces, "image_id": text, "user_data": text, "latest_version": schema.Int64Attribute{Computed: true},
		}, nil},
		{thing{"aws_autoscaling_group"}, map[string]schema.Attribute{
			"name": forces, "max_size": number, "min_size": number,
		}, map[string]schema.Block{
			"launch_template": schema.ListNestedBlock{NestedObject: schema.NestedBlockObject{Attributes: map[string]schema.Attribute{
				"id": text, "version": text,
			}}},
			"instance_refresh": schema.ListNestedBlock{NestedObject: schema.NestedBlockObject{Attributes: map[string]schema.Attribute{
				"strategy": text, "triggers": schema.SetAttribute{Optional: true, ElementType: types.StringType},
			}}},
		}},
		{thing{"aws_ecs_task_definition"}, map[string]schema.Attribute{
			"family": forces, "container_definitions": forces, "arn": computed, "revision": schema.Int64Attribute{Computed: true},
		}, nil},
		{thing{"aws_ecs_service"}, map[string]schema.Attribute{
			"name": forces, "cluster": forces, "task_definition": text, "desired_count": number, "force_new_deployment": flag, "triggers": labels,
		}, nil},
		{thing{"aws_security_group"}, map[string]schema.Attribute{
			"name": forces, "description": forces, "vpc_id": forces, "ingress": rules, "egress": rules, "tags": labels,
		}, nil},
		{thing{"aws_security_group_rule"}, map[string]schema.Attribute{
			"type": forces, "protocol": forces, "from_port": forcesNumber, "to_port": forcesNumber, "security_group_id": forces, "description": text,
			"cidr_blocks": schema.ListAttribute{Optional: true, ElementType: types.StringType, PlanModifiers: []planmodifier.List{listplanmodifier.RequiresReplace()}},
		}, nil},
		{thing{"aws_vpc_security_group_ingress_rule"}, map[string]schema.Attribute{
			"security_group_id": forces, "ip_protocol": text, "from_port": number, "to_port": number, "cidr_ipv4": text, "cidr_ipv6": text, "description": text,
		}, nil},
	}
}
