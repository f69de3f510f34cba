using System.Text.Json;
using United.Core.Storage;
using United.Server.Tests.Rest;
using United.Testing;
using Xunit;

namespace United.Server.Tests.Wires;

/// <summary>The offline queue, with the real executable: no kill -9 comes between a message and its entry.</summary>
public sealed class DirectMessagesDurabilityTests
{
    private const int BeforeTheKill = 200;

    [Theory, EachDatabase]
    public async Task Who_was_away_when_the_server_was_killed_gets_everything_once_and_in_order(Engine engine)
    {
        await using var database = engine == Engine.Postgres ? await PostgresServer.Start() : null;
        await using var united = await KillableServer.Start(database is null ? null : await database.CreateDatabase());
        using var http = new HttpClient { BaseAddress = united.Address };
        var (away, awayKey) = await DmCalls.Registered(http, "away", null);
        var (writer, _) = await DmCalls.Registered(http, "writer", away);
        await DmCalls.Call(http, away, HttpMethod.Patch, "/api/users/me", new { messaging_access = "everyone" });
        var dm = (await DmCalls.Call(http, writer, "/api/dm/conversations", new { recipient_pubkey = awayKey })).GetProperty("id").GetString()!;

        var enough = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var writing = Write(http, writer, dm, enough);
        await enough.Task;
        await united.Kill();
        var (sent, unknown) = await writing;
        await united.Start();
        var again = await DmCalls.Call(http, writer, "/api/dm/messages", unknown);
        sent.Add(again.GetProperty("id").GetString()!);

        Assert.Equal(sent.Count, again.GetProperty("server_sequence").GetInt32());
        Assert.Equal(sent, await Fetch(http, away));
    }

    /// <returns>What was acknowledged, and what was on its way when the server went.</returns>
    private static async Task<(List<string> Sent, DmCalls.SealedBody Unknown)> Write(HttpClient http, string token, string dm, TaskCompletionSource enough)
    {
        var sent = new List<string>();
        while (true)
        {
            var body = DmCalls.Sealed(dm);
            try
            {
                sent.Add((await DmCalls.Call(http, token, "/api/dm/messages", body)).GetProperty("id").GetString()!);
            }
            catch (Exception e) when (e is HttpRequestException or IOException or JsonException)
            {
                return (sent, body);
            }
            if (sent.Count == BeforeTheKill) enough.TrySetResult();
        }
    }

    private static async Task<List<string>> Fetch(HttpClient http, string token)
    {
        var got = new List<string>();
        while ((await DmCalls.Call(http, token, HttpMethod.Get, "/api/dm/offline?ack=explicit")).EnumerateArray().Select(message => message.GetProperty("id").GetString()!).ToArray() is { Length: > 0 } page)
        {
            got.AddRange(page);
            Assert.Equal(page.Length, (await DmCalls.Call(http, token, "/api/dm/offline/ack", new { message_ids = page })).GetProperty("acknowledged").GetInt32());
        }
        return got;
    }
}
