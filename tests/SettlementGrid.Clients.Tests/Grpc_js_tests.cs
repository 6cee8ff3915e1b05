namespace SettlementGrid.Clients.Tests;

/// <summary>Node's @grpc/grpc-js with the .proto files loaded as they are.</summary>
[Collection(ForeignClients.Collection)]
public sealed class Grpc_js_tests(ForeignClients clients)
{
    const string Script = "grpc-js.mjs";

    [SkippableFact]
    public Task Settles_and_gets_the_same_answer_again() => clients.RunNodeAsync(Script, "settle");

    [SkippableFact]
    public Task Decodes_a_refusal_with_its_reason_and_details() => clients.RunNodeAsync(Script, "refusal");

    [SkippableFact]
    public Task Streams_until_its_deadline_passes() => clients.RunNodeAsync(Script, "deadline");

    [SkippableFact]
    public Task Lists_settlements_page_by_page() => clients.RunNodeAsync(Script, "listing");

    [SkippableFact]
    public Task Finds_the_services_by_reflection_and_the_server_well() => clients.RunNodeAsync(Script, "reflection");

    [SkippableFact]
    public Task Reads_explanations_in_the_language_it_accepts() => clients.RunNodeAsync(Script, "language");

    [SkippableFact]
    public Task Is_told_that_compressed_messages_are_not_taken() => clients.RunNodeAsync(Script, "compression");

    [SkippableFact]
    public Task Records_a_premium_and_watches_the_fund_move() => clients.RunNodeAsync(Script, "funds");
}
