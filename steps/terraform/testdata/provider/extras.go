package main

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/action"
	actions "github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	ephemerals "github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
)

func (cloud) Actions(context.Context) []func() action.Action {
	return []func() action.Action{func() action.Action { return invoke{} }}
}

func (cloud) EphemeralResources(context.Context) []func() ephemeral.EphemeralResource {
	return []func() ephemeral.EphemeralResource{func() ephemeral.EphemeralResource { return secret{} }}
}

// invoke is the action aws_lambda_invoke, which does nothing.
type invoke struct{}

func (invoke) Metadata(_ context.Context, _ action.MetadataRequest, r *action.MetadataResponse) {
	r.TypeName = "aws_lambda_invoke"
}

func (invoke) Schema(_ context.Context, _ action.SchemaRequest, r *action.SchemaResponse) {
	r.Schema = actions.Schema{Attributes: map[string]actions.Attribute{
		"function_name": actions.StringAttribute{Required: true},
		"payload":       actions.StringAttribute{Optional: true},
	}}
}

func (invoke) Invoke(context.Context, action.InvokeRequest, *action.InvokeResponse) {}

// secret is the ephemeral resource aws_secret, whose value is in no plan.
type secret struct{}

func (secret) Metadata(_ context.Context, _ ephemeral.MetadataRequest, r *ephemeral.MetadataResponse) {
	r.TypeName = "aws_secret"
}

func (secret) Schema(_ context.Context, _ ephemeral.SchemaRequest, r *ephemeral.SchemaResponse) {
	r.Schema = ephemerals.Schema{Attributes: map[string]ephemerals.Attribute{
		"name":  ephemerals.StringAttribute{Required: true},
		"value": ephemerals.StringAttribute{Computed: true},
	}}
}

func (secret) Open(ctx context.Context, q ephemeral.OpenRequest, r *ephemeral.OpenResponse) {
	r.Result.Raw = q.Config.Raw
	r.Diagnostics.Append(r.Result.SetAttribute(ctx, path.Root("value"), "ephemeral-hunter2")...)
}
