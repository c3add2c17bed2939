#!/bin/sh
# Makes what compose.yaml needs and nobody else may know. Keeps what is there.
set -eu
cd "$(dirname "$0")"
mkdir -p secrets
for name in token-key turn-secret grafana-password; do
  if [ ! -e "secrets/$name" ]; then
    # Containers read them as another user.
    (umask 022 && openssl rand -base64 36 | tr -d '\n' > "secrets/$name")
    echo "made deploy/secrets/$name"
  fi
done
