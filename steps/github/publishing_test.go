package github

import "testing"

func TestWhichJobsPublishTheImage(t *testing.T) {
	for name, want := range map[string]bool{
		"Publish Docker images": true, "publish": true, "Build and publish": true, "Push": true, "push_to_registry": true, "build-and-push-image": true,
		"cd / Publish (amd64)": true, "Publish to GHCR": true, "Release image": true, "Publish release image": true, "PUBLISHING": true, "Publish image and docs": true,
		"Release": false, "Update release notes": false, "Update draft release": false, "Publish release notes": false, "Publish release": false, "Publish docs": false,
		"Test and push the image": true, "Build, scan and publish image": true, "promote image": true, "Push to ECR": true, "publish v2 (linux/arm64)": true,
		"Publish Helm chart": false, "Publish Helm chart to ghcr.io": false, "publish-apt": false, "Trigger image publish": false, "ci / Trigger image publish": false, "Scan published image": false,
		"Wait for image publish": false, "Publish image (dry run)": false, "Publish crates": false, "Attest pushed image": false,
		"Push coverage": false, "Notify Pushover": false, "Unpublished": false, "Build image": false, "Lint": false, "Run tests": false, "": false,
	} {
		if got := PublishesImage(name); got != want {
			t.Errorf("%q publishes the image: %t", name, got)
		}
	}
}
