using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using United.Core.Storage;
using United.Testing;
using Xunit;

namespace United.Server.Tests.Rest;

/// <summary>With the real executable: what was acknowledged of uploads survives kill -9.</summary>
public sealed class MediaDurabilityTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, EachDatabase]
    public async Task A_kept_upload_survives_kill_9_while_another_is_under_way(Engine engine)
    {
        await using var database = engine == Engine.Postgres ? await PostgresServer.Start() : null;
        await using var united = await KillableServer.Start(database is null ? null : await database.CreateDatabase());
        var token = await united.RegisterOwner();
        using var client = new HttpClient { BaseAddress = united.Address, DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", token) } };
        var kept = new List<(string Id, byte[] Bytes)>();
        for (var i = 0; i < 5; i++)
        {
            var bytes = MediaSamples.Png(content: new string((char)('a' + i), 100_000));
            kept.Add((await Upload(client, bytes), bytes));
        }
        using var half = new TcpClient(united.Address.Host, united.Address.Port);
        await half.GetStream().WriteAsync(Encoding.ASCII.GetBytes(
            $"POST /api/media HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\nContent-Length: 200000\r\n\r\n{new string('x', 100_000)}"), Ct);

        await united.Kill();
        await united.Start();

        foreach (var (id, bytes) in kept) Assert.Equal(bytes, await client.GetByteArrayAsync($"/api/media/{id}", Ct));
        // The same bytes again: a row of its own, and the file as good as ever.
        var again = await Upload(client, kept[0].Bytes);
        Assert.NotEqual(kept[0].Id, again);
        Assert.Equal(kept[0].Bytes, await client.GetByteArrayAsync($"/api/media/{again}", Ct));
    }

    private static async Task<string> Upload(HttpClient client, byte[] bytes)
    {
        using var content = new ByteArrayContent(bytes);
        using var answer = await client.PostAsync("/api/media", content, Ct);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Ct));
        return json.RootElement.GetProperty("id").GetString()!;
    }
}
