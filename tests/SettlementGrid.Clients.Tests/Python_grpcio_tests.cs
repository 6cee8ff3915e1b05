namespace SettlementGrid.Clients.Tests;

/// <summary>Python's grpcio: the C core's HTTP/2 under another language.</summary>
[Collection(ForeignClients.Collection)]
public sealed class Python_grpcio_tests(ForeignClients clients)
{
    [SkippableFact]
    public Task Settles_and_gets_the_same_answer_again() => clients.RunPythonAsync("settle");

    [SkippableFact]
    public Task Decodes_a_refusal_with_its_reason_and_details() => clients.RunPythonAsync("refusal");

    [SkippableFact]
    public Task Streams_until_its_deadline_passes() => clients.RunPythonAsync("deadline");

    [SkippableFact]
    public Task Lists_settlements_page_by_page() => clients.RunPythonAsync("listing");

    [SkippableFact]
    public Task Finds_the_services_by_reflection_and_the_server_well() => clients.RunPythonAsync("reflection");

    [SkippableFact]
    public Task Reads_explanations_in_the_language_it_accepts() => clients.RunPythonAsync("language");

    [SkippableFact]
    public Task Is_told_that_compressed_messages_are_not_taken() => clients.RunPythonAsync("compression");

    [SkippableFact]
    public Task Records_a_premium_and_watches_the_fund_move() => clients.RunPythonAsync("funds");
}
