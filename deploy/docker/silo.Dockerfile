# syntax=docker/dockerfile:1
# One program of a cluster: a silo, or with --gateway a gateway. Build from the repository's folder:
#   docker build -f deploy/docker/silo.Dockerfile -t settlementgrid-silo .
# A file of its own and no argument of the server's: its packages may not restore where the server's do, and without a
# shell neither ENTRYPOINT nor HEALTHCHECK could take the program's name from an argument.
# /app holds the server's program too, whose project the silo refers to: keys, verify and status are its commands.
# Runs as an ordinary user on a read-only file system; /data (logs, the anchor) is the only place it writes to.
ARG DOTNET=10.0

FROM mcr.microsoft.com/dotnet/sdk:${DOTNET} AS build
WORKDIR /source
# Packages first: they change less often than the code.
COPY Directory.Build.props Directory.Packages.props .editorconfig ./
COPY src/BannedSymbols.txt src/
COPY --parents src/*/*.csproj ./
RUN dotnet restore src/SettlementGrid.Silo
COPY src src
COPY deploy/plans deploy/plans
RUN dotnet publish src/SettlementGrid.Silo -c Release -o /app --no-restore -p:RunAnalyzers=false \
    && mkdir /data

# No shell, no package manager, no root.
FROM mcr.microsoft.com/dotnet/aspnet:${DOTNET}-noble-chiseled
COPY --from=build /app /app
COPY --from=build --chown=1654:1654 /data /data
ENV DOTNET_GCgen0size=0x4000000 DOTNET_EnableDiagnostics=0
USER 1654:1654
WORKDIR /data
VOLUME /data
# Callers, the cluster's silos, its gateways.
EXPOSE 5080 11111 30000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=5s --timeout=4s --start-period=60s --retries=3 \
    CMD ["/app/SettlementGrid.Silo", "health", "--tls"]
# Where it is reached inside the cluster, and --gateway, are appended by whoever runs it.
ENTRYPOINT ["/app/SettlementGrid.Silo", "--no-sample", "--data", "/data", "--postgres-file", "/run/secrets/postgres", \
     "--listen", "0.0.0.0", "--tls-cert", "/run/secrets/tls.crt", "--tls-key", "/run/secrets/tls.key", \
     "--cluster-cert", "/run/secrets/cluster.crt", "--cluster-key", "/run/secrets/cluster.key"]
