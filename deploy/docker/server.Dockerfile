# syntax=docker/dockerfile:1
# The server of one machine, or several of them on one database. Build from the repository's folder:
#   docker build -f deploy/docker/server.Dockerfile -t settlementgrid-server .
# Runs as an ordinary user on a read-only file system; /data (logs, the anchor) is the only place it writes to.
ARG DOTNET=10.0

FROM mcr.microsoft.com/dotnet/sdk:${DOTNET} AS build
WORKDIR /source
# Packages first: they change less often than the code.
COPY Directory.Build.props Directory.Packages.props .editorconfig ./
COPY src/BannedSymbols.txt src/
COPY --parents src/*/*.csproj ./
RUN dotnet restore src/SettlementGrid.Server
COPY src src
COPY deploy/plans deploy/plans
RUN dotnet publish src/SettlementGrid.Server -c Release -o /app --no-restore -p:RunAnalyzers=false \
    && mkdir /data

# No shell, no package manager, no root.
FROM mcr.microsoft.com/dotnet/aspnet:${DOTNET}-noble-chiseled
COPY --from=build /app /app
COPY --from=build --chown=1654:1654 /data /data
# Garbage is collected at the server's own bound, 32 MB a heap, which cuts the figure off, and not at the cache's size.
ENV DOTNET_GCgen0size=0x4000000 DOTNET_EnableDiagnostics=0
USER 1654:1654
WORKDIR /data
VOLUME /data
EXPOSE 5080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=5s --timeout=4s --start-period=60s --retries=3 \
    CMD ["/app/SettlementGrid.Server", "health", "--tls"]
ENTRYPOINT ["/app/SettlementGrid.Server"]
# Everything that listens beyond loopback needs the certificate and callers' keys.
CMD ["run", "--no-sample", "--data", "/data", "--postgres-file", "/run/secrets/postgres", \
     "--listen", "0.0.0.0", "--tls-cert", "/run/secrets/tls.crt", "--tls-key", "/run/secrets/tls.key"]
