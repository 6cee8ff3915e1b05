using System.CommandLine;
using SettlementGrid.Peers;
using SettlementGrid.Server.Composition;

var data = new Option<string>("--data") { Description = "folder of its database", HelpName = "DIR", Required = true };
var port = new Option<int>("--port") { Description = "HTTP/1.1 port: /healthz, /metrics", Required = true };
var grpcPort = new Option<int>("--grpc-port") { Description = "gRPC port", Required = true };
var peer = new Option<PeerKind>("--peer") { Description = "what stands behind the front", Required = true };
var connections = new Option<int>("--db-connections")
{
    Description = $"of the stored function, at most {PeerLimits.ConnectionsMax}",
    DefaultValueFactory = _ => PeerLimits.Connections,
};
connections.Validators.Add(result =>
{
    if (result.GetValueOrDefault<int>() is < 1 or > PeerLimits.ConnectionsMax)
        result.AddError($"--db-connections is 1 to {PeerLimits.ConnectionsMax}.");
});

var run = new Command("run", "Start a peer in the foreground.") { data, port, grpcPort, peer, connections };
run.SetAction((parsed, cancellation) => PeerRun.RunAsync(
    parsed.GetValue(peer),
    new RunSettings(new DatabasePlace(parsed.GetValue(data)!, null))
    {
        Port = parsed.GetValue(port),
        GrpcPort = parsed.GetValue(grpcPort),
        Sample = false,
    },
    parsed.GetValue(connections), TimeProvider.System, Console.WriteLine, cancellation));
var root = new RootCommand("What SettlementGrid is compared with, behind the same front.") { run };
return await root.Parse(args).InvokeAsync();
