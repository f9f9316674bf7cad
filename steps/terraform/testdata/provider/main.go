// Command provider is a provider for Terraform and OpenTofu whose resources don't exist
// anywhere. It uses the type names of AWS, so that plans look like the Catalog's, and
// needs neither an account nor a network. Its types have the same schema, with every
// kind of attribute that affects how a plan looks.
//
// The environment makes things go wrong: CLOUD_DRIFT="NAME=STATUS ..." changes the
// status of resources when they are refreshed, where the status "gone" removes the
// resource, and CLOUD_KEEPS=1 makes every destroy fail. With CLOUD_SHAPES=1 the types
// have the attributes that AWS's have; see shapes.go.
package main

import (
	"context"
	"log"
	"os"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/listplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

func main() {
	serve := providerserver.ServeOpts{Address: "registry.terraform.io/hashicorp/aws"}
	if err := providerserver.Serve(context.Background(), func() provider.Provider { return cloud{} }, serve); err != nil {
		log.Fatal(err)
	}
}

type cloud struct{}

func (cloud) Metadata(_ context.Context, _ provider.MetadataRequest, r *provider.MetadataResponse) {
	r.TypeName = "aws"
}
func (cloud) Schema(context.Context, provider.SchemaRequest, *provider.SchemaResponse) {}
func (cloud) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {
}
func (cloud) DataSources(context.Context) []func() datasource.DataSource { return nil }

func (cloud) Resources(context.Context) []func() resource.Resource {
	all := []func() resource.Resource{func() resource.Resource { return secretVersion }}
	if os.Getenv("CLOUD_SHAPES") != "" {
		for _, s := range shapes() {
			all = append(all, func() resource.Resource { return s })
		}
		return all
	}
	for _, name := range []string{"instance", "db_instance", "route53_record", "ebs_volume", "security_group_rule"} {
		all = append(all, func() resource.Resource { return thing{"aws_" + name} })
	}
	return all
}

// thing is a resource that is remembered in the state and nowhere else.
type thing struct{ name string }

func (t thing) Metadata(_ context.Context, _ resource.MetadataRequest, r *resource.MetadataResponse) {
	r.TypeName = t.name
}

func (thing) Schema(_ context.Context, _ resource.SchemaRequest, r *resource.SchemaResponse) {
	forces := []planmodifier.String{stringplanmodifier.RequiresReplace()}
	r.Schema = schema.Schema{
		Attributes: map[string]schema.Attribute{
			"id":        schema.StringAttribute{Computed: true, PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown()}},
			"name":      schema.StringAttribute{Optional: true},
			"user_data": schema.StringAttribute{Optional: true, PlanModifiers: forces},
			"value":     schema.StringAttribute{Optional: true},
			"password":  schema.StringAttribute{Optional: true, Sensitive: true},
			"status":    schema.StringAttribute{Computed: true},
			"tags":      schema.MapAttribute{Optional: true, ElementType: types.StringType},
			"zones": schema.ListAttribute{Optional: true, ElementType: types.StringType,
				PlanModifiers: []planmodifier.List{listplanmodifier.RequiresReplace()}},
			"network": schema.SingleNestedAttribute{Optional: true, Attributes: map[string]schema.Attribute{
				"subnet": schema.StringAttribute{Optional: true, PlanModifiers: forces},
				"public": schema.BoolAttribute{Optional: true},
			}},
		},
		Blocks: map[string]schema.Block{
			"disk": schema.ListNestedBlock{NestedObject: schema.NestedBlockObject{Attributes: map[string]schema.Attribute{
				"size":  schema.Int64Attribute{Optional: true, PlanModifiers: []planmodifier.Int64{int64planmodifier.RequiresReplace()}},
				"label": schema.StringAttribute{Optional: true},
			}}},
			"rule": schema.SetNestedBlock{NestedObject: schema.NestedBlockObject{Attributes: map[string]schema.Attribute{
				"port": schema.Int64Attribute{Optional: true},
			}}},
		},
	}
}

func (t thing) Create(ctx context.Context, q resource.CreateRequest, r *resource.CreateResponse) {
	var name types.String
	r.Diagnostics.Append(q.Plan.GetAttribute(ctx, path.Root("name"), &name)...)
	r.State.Raw = q.Plan.Raw
	settle(ctx, &r.State, map[string]attr.Value{
		"id":     types.StringValue(t.name + "-" + name.ValueString()),
		"status": types.StringValue("running"),
	})
}

func (thing) Update(ctx context.Context, q resource.UpdateRequest, r *resource.UpdateResponse) {
	r.State.Raw = q.Plan.Raw
	settle(ctx, &r.State, map[string]attr.Value{"status": types.StringValue("running")})
}

func settle(ctx context.Context, s *tfsdk.State, values map[string]attr.Value) {
	for name, value := range values {
		s.SetAttribute(ctx, path.Root(name), value)
	}
}

func (thing) Read(ctx context.Context, q resource.ReadRequest, r *resource.ReadResponse) {
	var name types.String
	q.State.GetAttribute(ctx, path.Root("name"), &name)
	for _, drift := range strings.Fields(os.Getenv("CLOUD_DRIFT")) {
		if of, status, _ := strings.Cut(drift, "="); of == name.ValueString() {
			if status == "gone" {
				r.State.RemoveResource(ctx)
				return
			}
			settle(ctx, &r.State, map[string]attr.Value{"status": types.StringValue(status)})
		}
	}
}

func (thing) Delete(_ context.Context, _ resource.DeleteRequest, r *resource.DeleteResponse) {
	if os.Getenv("CLOUD_KEEPS") != "" {
		r.Diagnostics.AddError("The resource is in use", "It cannot be destroyed.")
	}
}

// ImportState takes "NAME" or "NAME USER_DATA" as what is to be found.
func (thing) ImportState(ctx context.Context, q resource.ImportStateRequest, r *resource.ImportStateResponse) {
	name, data, found := strings.Cut(q.ID, " ")
	values := map[string]attr.Value{
		"id": types.StringValue(q.ID), "name": types.StringValue(name), "status": types.StringValue("running"),
	}
	if found {
		values["user_data"] = types.StringValue(data)
	}
	settle(ctx, &r.State, values)
}
