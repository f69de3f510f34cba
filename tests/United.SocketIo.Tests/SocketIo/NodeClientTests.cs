namespace United.SocketIo.Tests.SocketIo;

/// <summary>The real clients, under Node.</summary>
public sealed class NodeClientTests
{
    private const string Polling = "polling", WebSocket = "websocket", Upgrade = "polling,websocket";

    public static TheoryData<string, string> Cases()
    {
        var data = new TheoryData<string, string>();
        foreach (var name in (string[])["events", "binary", "bigBinary", "acks", "namespaces", "multiplexed", "rooms", "disconnects", "reconnects"])
        {
            foreach (var transports in (string[])[Polling, WebSocket, Upgrade]) data.Add(name, transports);
        }
        data.Add("orderAcrossTheUpgrade", Upgrade);
        return data;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task The_current_client_cannot_tell_the_difference(string name, string transports)
    {
        await using var host = await ScenarioServer.Start();
        await Node.Run("client.mjs", name, host.Url, transports);
    }

    [Theory]
    [InlineData(Polling)]
    [InlineData(WebSocket)]
    [InlineData(Upgrade)]
    public async Task A_client_that_comes_back_gets_what_it_missed(string transports)
    {
        await using var host = await ScenarioServer.Start(o => o.ConnectionStateRecovery = new());
        await Node.Run("client.mjs", "recovers", host.Url, transports);
    }

    [Theory]
    [InlineData("socket.io-client-4-0", Polling)]
    [InlineData("socket.io-client-4-0", Upgrade)]
    [InlineData("socket.io-client-3-1", WebSocket)]
    [InlineData("socket.io-client-3-1", Upgrade)]
    public async Task Older_clients_connect(string package, string transports)
    {
        await using var host = await ScenarioServer.Start();
        foreach (var name in (string[])["events", "binary", "acks", "namespaces"]) await Node.Run("client.mjs", name, host.Url, transports, package);
    }

    [Fact]
    public async Task A_thousand_clients_at_once()
    {
        await using var host = await ScenarioServer.Start();
        await Node.Run("client.mjs", "thousand", host.Url, WebSocket);
        await Eventually.Holds(() => host.Io.Engine.Count == 0 && host.Io.Of("/").Sockets.Count == 0);
    }
}
