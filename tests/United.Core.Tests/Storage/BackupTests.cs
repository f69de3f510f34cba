using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using United.Core.Identity;
using United.Core.Messages;
using United.Core.Storage;
using United.Testing;
using Xunit;

namespace United.Core.Tests.Storage;

public sealed class BackupTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("united-backup-").FullName;

    private string File => Path.Combine(_directory, "backup.tar.gz");

    [Theory, EachDatabase]
    public async Task Backup_under_load_restored_into_the_other_database_holds_every_log_as_it_was(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var writers = await scene.People(4);
        var channels = new[] { await scene.OpenChannel(), await scene.OpenChannel(), await scene.PrivateChannel(writers) };
        using var stop = new CancellationTokenSource();
        var posted = new TaskCompletionSource();
        var load = Task.WhenAll(writers.Select(writer => Task.Run(async () =>
        {
            for (var i = 0; !stop.IsCancellationRequested; i++)
            {
                await scene.Post(writer, channels[i % channels.Length], $"{writer.Username} {i}");
                if (i == 100) posted.TrySetResult();
            }
        })));
        await posted.Task;

        await Make(scene.Database);
        await stop.CancelAsync();
        await load;

        await using var other = await TestDatabase.Create(Other(engine), migrate: false);
        await Restore.Into(other.Database, File, replace: false, TimeProvider.System, ServerIdentity.RenewLogEpoch);
        foreach (var channel in channels)
        {
            var restored = await other.Database.Read(sql => sql.Count("select last_sequence from conversations where id = @id", ("id", channel)));
            Assert.True(restored > 30);
            Assert.Equal(restored, await other.Database.Read(sql => sql.Count("select count(*) from messages where conversation_id = @id", ("id", channel))));
            Assert.Equal(await Log(scene.Database, channel, restored), await Log(other.Database, channel, restored));
        }
    }

    [Theory, EachDatabase]
    public async Task A_restored_database_backs_up_to_the_same_rows(Engine engine)
    {
        await using var scene = await Filled(engine);
        await Make(scene.Database);
        var before = Tables();

        await using var other = await TestDatabase.Create(Other(engine), migrate: false);
        await Restore.Into(other.Database, File, replace: false, TimeProvider.System, _ => Task.CompletedTask);
        await Make(other.Database);

        Assert.Equal(before, Tables());
        Assert.Contains(before, table => table.Value.Count > 2 && table.Key.Contains("messages", StringComparison.Ordinal));
    }

    [Theory, EachDatabase]
    public async Task After_a_restore_the_epoch_is_another_and_all_sessions_have_ended(Engine engine)
    {
        await using var source = await IdentityScene.On(engine);
        await source.Owner();
        var before = (await ServerIdentity.Load(source.Database)).LogEpoch;
        Assert.Equal(1, await source.Database.Read(sql => sql.Count("select count(*) from sessions")));
        await Make(source.Database);

        await using var other = await TestDatabase.Create(engine, migrate: false);
        await Restore.Into(other.Database, File, replace: false, TimeProvider.System, ServerIdentity.RenewLogEpoch);

        var after = await ServerIdentity.Load(other.Database);
        Assert.NotEqual(before, after.LogEpoch);
        Assert.Equal((await ServerIdentity.Load(source.Database)).ServerId, after.ServerId);
        Assert.Equal(0, await other.Database.Read(sql => sql.Count("select count(*) from sessions")));
        Assert.Equal(1, await other.Database.Read(sql => sql.Count("select count(*) from users where username = 'owner'")));
    }

    [Theory, EachDatabase]
    public async Task A_community_is_replaced_only_by_force(Engine engine)
    {
        await using var scene = await Filled(engine);
        await Make(scene.Database);
        await using var other = await LogScene.On(engine);
        await other.Person();

        await Assert.ThrowsAsync<BackupException>(() => Restore.Into(other.Database, File, replace: false, TimeProvider.System, _ => Task.CompletedTask));
        Assert.Equal(1, await other.Count("select count(*) from users"));

        await Restore.Into(other.Database, File, replace: true, TimeProvider.System, _ => Task.CompletedTask);
        Assert.Equal(await scene.Count("select count(*) from users"), await other.Count("select count(*) from users"));
    }

    [Theory, EachDatabase]
    public async Task A_damaged_file_is_refused_before_anything_is_written(Engine engine)
    {
        await using var scene = await Filled(engine);
        await Make(scene.Database);
        var whole = await System.IO.File.ReadAllBytesAsync(File, TestContext.Current.CancellationToken);
        await using var other = await LogScene.On(engine);
        var trace = await other.Trace();

        foreach (var bytes in (byte[][])[whole[..^20], whole[..(whole.Length / 2)], "no backup"u8.ToArray(), [], WithoutLastEntry(), WithAnotherRow(), .. Flipped(whole)])
        {
            await System.IO.File.WriteAllBytesAsync(File, bytes, TestContext.Current.CancellationToken);
            await Assert.ThrowsAsync<BackupException>(() => Restore.Into(other.Database, File, replace: true, TimeProvider.System, _ => Task.CompletedTask));
        }
        Assert.Equal(trace, await other.Trace());

        // The first ten bytes are gzip's own: some of them say nothing.
        static IEnumerable<byte[]> Flipped(byte[] bytes) => Enumerable.Range(0, 50).Select(i => 10 + (i * (bytes.Length - 10) / 50))
            .Select(at => (byte[])[.. bytes[..at], (byte)~bytes[at], .. bytes[(at + 1)..]]);

        byte[] WithoutLastEntry() => Packed(Entries(whole)[..^1]);

        byte[] WithAnotherRow() => Packed([.. Entries(whole).Select(entry => entry.Name.Contains("users", StringComparison.Ordinal)
            ? (entry.Name, [.. entry.Content, .. entry.Content[(Array.IndexOf(entry.Content, (byte)'\n') + 1)..]]) : entry)]);
    }

    [Theory, EachDatabase]
    public async Task A_backup_of_a_newer_version_is_refused(Engine engine)
    {
        await using var scene = await Filled(engine);
        await Make(scene.Database);
        var entries = Entries(await System.IO.File.ReadAllBytesAsync(File, TestContext.Current.CancellationToken));
        var header = Encoding.UTF8.GetBytes("format 2\nschema 1\n");
        var sums = Encoding.UTF8.GetString(entries[^1].Content);
        sums = Convert.ToHexStringLower(SHA256.HashData(header)) + sums[64..];
        await System.IO.File.WriteAllBytesAsync(File, Packed([(entries[0].Name, header), .. entries[1..^1], (entries[^1].Name, Encoding.UTF8.GetBytes(sums))]), TestContext.Current.CancellationToken);
        await using var other = await TestDatabase.Create(engine, migrate: false);

        var refused = await Assert.ThrowsAsync<BackupException>(() => Restore.Into(other.Database, File, replace: false, TimeProvider.System, _ => Task.CompletedTask));

        Assert.Contains("newer version", refused.Message, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private static Engine Other(Engine engine) => engine == Engine.Sqlite ? Engine.Postgres : Engine.Sqlite;

    private async Task Make(Database database)
    {
        await using var file = System.IO.File.Create(File);
        await Backup.Write(database, file, "test", TimeProvider.System);
    }

    private static async Task<LogScene> Filled(Engine engine)
    {
        var scene = await LogScene.On(engine);
        var people = await scene.People(3);
        var channel = await scene.OpenChannel();
        foreach (var text in (string[])["plain", "tab\there", "two\nlines", "back\\slash \\N \\t", "\\N", "emoji 👩‍👩‍👧", "'quotes\"; drop table users; --"])
            await scene.Post(people[0], channel, text);
        var message = await scene.Post(people[1], new PostMessage(channel, $"hello @user:{people[2].UserId}", ClientId: "once"));
        await scene.Database.Write(async sql =>
        {
            await sql.Execute("update users set public_key = @key, display_name = @name where id = @id",
                ("key", RandomNumberGenerator.GetBytes(32)), ("name", "Tab\tand\r\nmore"), ("id", people[2].UserId));
            await sql.Execute("insert into key_backups (user_id, version, blob, created_at, session_id) values (@user, 1, @blob, 0, @user)",
                ("user", people[2].UserId), ("blob", RandomNumberGenerator.GetBytes(60_000)));
            await sql.Execute("insert into key_backups (user_id, version, blob, created_at, session_id) values (@user, 2, @blob, 0, @user)",
                ("user", people[2].UserId), ("blob", Array.Empty<byte>()));
            await sql.Execute("insert into server_state (name, value) values ('any', @value)", ("value", new byte[] { 0, 255, 1 }));
            await sql.Execute("update messages set deleted = @yes, content = '' where id = @id", ("yes", true), ("id", message.MessageId));
        });
        return scene;
    }

    private static async Task<string> Log(Database database, Guid conversationId, long upTo)
    {
        var rows = await database.Read(sql => sql.All("""
            select server_sequence, id, sender_id, content, revision, timestamp from messages
            where conversation_id = @id and server_sequence <= @to order by server_sequence
            """,
            row => $"{row.Int64(0)} {row.Uuid(1)} {row.Uuid(2)} {row.Text(3)} {row.Int64(4)} {row.Int64(5)}", ("id", conversationId), ("to", upTo)));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', rows))));
    }

    // Tables have no order of rows: compared by table, sorted.
    private Dictionary<string, List<string>> Tables() => Entries(System.IO.File.ReadAllBytes(File))
        .Where(entry => entry.Name.StartsWith("tables/", StringComparison.Ordinal))
        .GroupBy(entry => entry.Name.Split('/')[1])
        .ToDictionary(table => table.Key, table => table.SelectMany(entry => Encoding.UTF8.GetString(entry.Content).Split('\n')).Order(StringComparer.Ordinal).ToList());

    private static List<(string Name, byte[] Content)> Entries(byte[] archive)
    {
        using var tar = new TarReader(new GZipStream(new MemoryStream(archive), CompressionMode.Decompress));
        var entries = new List<(string, byte[])>();
        while (tar.GetNextEntry(copyData: true) is { } entry)
        {
            using var content = new MemoryStream();
            entry.DataStream?.CopyTo(content);
            entries.Add((entry.Name, content.ToArray()));
        }
        return entries;
    }

    private static byte[] Packed(IReadOnlyList<(string Name, byte[] Content)> entries)
    {
        using var bytes = new MemoryStream();
        using (var tar = new TarWriter(new GZipStream(bytes, CompressionLevel.Fastest, leaveOpen: true), TarEntryFormat.Ustar))
        {
            foreach (var (name, content) in entries)
                tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(content) });
        }
        return bytes.ToArray();
    }
}
