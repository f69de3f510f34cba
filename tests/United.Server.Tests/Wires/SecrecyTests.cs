using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using United.Core;
using United.Core.Storage;
using United.Testing;
using United.Testing.Wires;
using Xunit;

namespace United.Server.Tests.Wires;

/// <summary>Promise 8. All that the server has is looked through for what it must not have.</summary>
public sealed class SecrecyTests
{
    private const string Plaintext = "canary: meet me at the old mill";

    [Theory, EachDatabase]
    public async Task Promise_8_the_server_holds_neither_the_plaintext_of_an_encrypted_message_nor_a_private_key(Engine engine)
    {
        await using var scene = await WireScene.On(engine);
        var (ada, bob) = (await scene.Join("ada"), await scene.Join("bob"));
        using var rest = new HttpClient { BaseAddress = scene.Address, DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", ada.AccessToken) } };
        var dm = (await Sent(rest, "/api/dm/conversations", new { recipient_pubkey = bob.PublicKey })).GetProperty("id").GetGuid();
        var (device, payload) = (RandomNumberGenerator.GetBytes(32), new byte[Plaintext.Length]);
        using (var cipher = new AesGcm(device, 16)) cipher.Encrypt(new byte[12], Encoding.UTF8.GetBytes(Plaintext), payload, new byte[16]);

        // What a careless client adds is not kept; what would be text is refused by every door.
        await Sent(rest, "/api/dm/messages", new
        {
            conversation_id = dm,
            encrypted_payload = payload,
            nonce = RandomNumberGenerator.GetBytes(24),
            ephemeral_pubkey = RandomNumberGenerator.GetBytes(32),
            timestamp = 1_700_000_000_000,
            content = Plaintext,
            private_key = Convert.ToHexStringLower(device),
        });
        foreach (var wire in Enum.GetValues<WireKind>()) Assert.NotNull((await (await scene.Drive(wire, ada)).Post(dm, Plaintext)).Code);

        foreach (var everything in (string[])[await scene.Core.Database.Read(sql => StoredRows.Of(sql)), await BackedUp(scene.Core.Database), await Copied(scene.Server.Database)])
        {
            Assert.Contains(Written(payload), written => everything.Contains(written, StringComparison.Ordinal));
            foreach (var secret in (byte[][])[Encoding.UTF8.GetBytes(Plaintext), device, ada.Seed, bob.Seed])
                foreach (var written in Written(secret)) Assert.DoesNotContain(written, everything, StringComparison.Ordinal);
        }
    }

    private static string[] Written(byte[] bytes) => [Encoding.Latin1.GetString(bytes), Convert.ToHexStringLower(bytes), Convert.ToBase64String(bytes)];

    // What "united backup" writes.
    private static async Task<string> BackedUp(Database database)
    {
        using var file = new MemoryStream();
        await Backup.Write(database, file, "united", TimeProvider.System);
        await using var unpacked = new GZipStream(new MemoryStream(file.ToArray()), CompressionMode.Decompress);
        using var reader = new StreamReader(unpacked, Encoding.Latin1);
        return await reader.ReadToEndAsync();
    }

    // What somebody who copies the database has.
    private static async Task<string> Copied(TestDatabase database) =>
        database.Database.Engine == Engine.Postgres
            ? await PostgresServer.Dump(database.Connection)
            : string.Concat(new[] { "", "-wal" }.Select(end => database.Connection + end).Where(File.Exists).Select(Raw));

    private static string Raw(string path)
    {
        using var open = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(open, Encoding.Latin1);
        return reader.ReadToEnd();
    }

    private static async Task<JsonElement> Sent(HttpClient rest, string path, object body)
    {
        var answer = await rest.PostAsJsonAsync(path, body);
        Assert.InRange(answer.StatusCode, HttpStatusCode.OK, HttpStatusCode.Created);
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }
}
