//go:build tools

// Which programs are built with the versions of this module, though they are not part of it?
package main

import _ "helm.sh/helm/v3/cmd/helm"
