#!/bin/sh
# Builds the stand-in as a static binary and as the image $1
# (default hookgraph/mongo-standin:latest). Needs Go and a running Docker.
set -eu
cd "$(dirname "$0")"
image=${1:-hookgraph/mongo-standin:latest}

mkdir -p build
CGO_ENABLED=0 GOOS=linux go build -trimpath -ldflags '-s -w' -o build/mongo-standin .
# The legacy builder is in every Docker; the context is one file, so neither
# builder has anything to gain.
docker build --quiet --tag "$image" --file Dockerfile build >/dev/null
echo "$image"
