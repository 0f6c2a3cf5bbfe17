# The program as a container: silo, gateway or both by ROLE (docs/operations.md, "Kubernetes"). It needs DATABASE_URL; it brings no PostgreSQL.
#   docker build -t grainflow . && docker run --read-only --tmpfs /tmp --tmpfs /data:uid=1654 -e DATABASE_URL=... grainflow
FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /source
COPY global.json Directory.Build.props Directory.Build.targets Directory.Packages.props .editorconfig ./
COPY src/ src/
COPY examples/ examples/
RUN dotnet publish src/Silo/Silo.csproj --configuration Release --output /app -p:UseAppHost=false --nologo

FROM mcr.microsoft.com/dotnet/aspnet:10.0
WORKDIR /app
COPY --from=build /app ./
# The user "app" of the image, by number so that Kubernetes can see that it is not root. All that is written goes to /data and /tmp.
RUN install --directory --owner=1654 --group=1654 --mode=0700 /data
USER 1654:1654
# DOTNET_GCgen0size (hexadecimal) as in ./run: what is new on the heap is collected every 128 MiB. Diagnostics would write a socket to /tmp.
ENV GRAINFLOW_DATA=/data \
    DOTNET_GCgen0size=8000000 \
    DOTNET_EnableDiagnostics=0 \
    DOTNET_NOLOGO=1
EXPOSE 8000 8001 11111 30000
ENTRYPOINT ["dotnet", "/app/Grainflow.Silo.dll"]
