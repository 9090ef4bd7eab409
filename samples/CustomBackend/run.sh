#!/usr/bin/env bash
# Packs the SDK into a folder feed, then builds this sample against the packages: "run.sh" runs it, "run.sh test" runs
# its conformance tests.
set -eu
cd "$(dirname "$0")"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
rm -rf feed packages/determinism*
for package in Determinism.Abstractions Determinism Determinism.Conformance; do
  dotnet pack "../../src/$package/$package.csproj" -c Release -o feed -v q
done
if [ "${1:-}" = test ]; then
  shift
  exec dotnet test Tests/Tests.csproj -c Release "$@"
fi
exec dotnet run -c Release --project Adapter/Adapter.csproj -- "$@"
