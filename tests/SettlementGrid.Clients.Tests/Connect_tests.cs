namespace SettlementGrid.Clients.Tests;

/// <summary>Node's @connectrpc/connect-node: JSON and protobuf over HTTP/1.1, and gRPC over HTTP/2.</summary>
[Collection(ForeignClients.Collection)]
public sealed class Connect_tests(ForeignClients clients)
{
    [SkippableTheory]
    [InlineData("json-settle")]
    [InlineData("binary-settle")]
    [InlineData("grpc-settle")]
    public Task Settles_and_gets_the_same_answer_again(string concern) => RunAsync(concern);

    [SkippableTheory]
    [InlineData("json-refusal")]
    [InlineData("binary-refusal")]
    [InlineData("grpc-refusal")]
    public Task Decodes_a_refusal_with_its_reason_and_details(string concern) => RunAsync(concern);

    [SkippableTheory]
    [InlineData("json-deadline")]
    [InlineData("grpc-deadline")]
    public Task Streams_until_its_deadline_passes(string concern) => RunAsync(concern);

    [SkippableTheory]
    [InlineData("json-listing")]
    [InlineData("grpc-listing")]
    public Task Lists_settlements_page_by_page(string concern) => RunAsync(concern);

    [SkippableTheory]
    [InlineData("json-health")]
    [InlineData("grpc-health")]
    public Task Asks_for_health(string concern) => RunAsync(concern);

    [SkippableFact]
    public Task Finds_the_services_by_reflection() => RunAsync("grpc-reflection");

    [SkippableTheory]
    [InlineData("json-language")]
    [InlineData("grpc-language")]
    public Task Reads_explanations_in_the_language_it_accepts(string concern) => RunAsync(concern);

    [SkippableTheory]
    [InlineData("json-funds")]
    [InlineData("binary-funds")]
    [InlineData("grpc-funds")]
    public Task Records_a_premium_and_watches_the_fund_move(string concern) => RunAsync(concern);

    Task RunAsync(string concern) => clients.RunNodeAsync("connect.mjs", concern);
}
