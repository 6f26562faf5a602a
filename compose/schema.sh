#!/bin/sh
# Makes Temporal's two databases or brings them up to date; done before every start of the server.
# What is there already is left as it is, so the same job serves an upgrade.
set -eu

: "${POSTGRES_SEEDS:?}" "${POSTGRES_USER:?}" "${SQL_PASSWORD:?}"

bring_up_to_date() {
    database=$1
    versions=/etc/temporal/schema/postgresql/v12/$2/versioned
    tool="temporal-sql-tool --plugin postgres12 --ep $POSTGRES_SEEDS -u $POSTGRES_USER"
    tool="$tool -p ${DB_PORT:-5432} --db $database"
    # The words of $tool are meant to be split.
    # shellcheck disable=SC2086
    { $tool create && $tool setup-schema -v 0.0 && $tool update-schema -d "$versions"; }
}

bring_up_to_date temporal temporal
bring_up_to_date temporal_visibility visibility
