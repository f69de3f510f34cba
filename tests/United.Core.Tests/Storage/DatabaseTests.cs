using United.Core.Storage;
using United.Testing;
using Xunit;

namespace United.Core.Tests.Storage;

public sealed class DatabaseTests
{
    [Theory, EachDatabase]
    public async Task Values_come_back_as_they_went_in(Engine engine)
    {
        await using var test = await TestDatabase.Create(engine);
        Guid[] ids = [.. Enumerable.Range(0, 3).Select(_ => Ids.New(TimeProvider.System)).Order()];
        await test.Database.Write(async sql =>
        {
            foreach (var id in ids)
                await sql.Execute("insert into search_progress (conversation_id, revision) values (@id, @revision)", ("id", id), ("revision", 7L));
        });

        var found = await test.Database.Read(sql => sql.All(
            "select conversation_id, revision from search_progress where conversation_id = any(@ids) order by conversation_id",
            row => (row.Uuid(0), row.Int64(1)), ("ids", ids[..2])));

        Assert.Equal([(ids[0], 7L), (ids[1], 7L)], found);
    }

    [Theory, EachDatabase]
    public async Task A_failed_write_leaves_nothing(Engine engine)
    {
        await using var test = await TestDatabase.Create(engine);

        await Assert.ThrowsAsync<InvalidDataException>(() => test.Database.Write(async sql =>
        {
            await sql.Execute("insert into server_settings (name, value) values ('a', 'b')");
            throw new InvalidDataException();
        }));

        Assert.Equal(0, await test.Database.Read(sql => sql.Count("select count(*) from server_settings")));
    }

    // It holds the keys of access tokens, and the directory may have been made by somebody else.
    [Fact]
    public async Task A_new_database_file_and_what_stands_beside_it_are_its_owners_alone()
    {
        if (OperatingSystem.IsWindows()) return;
        var directory = Directory.CreateTempSubdirectory("united-mode-");
        try
        {
            await using (var database = SqliteDatabase.Open(Path.Combine(directory.FullName, "united.db")))
            {
                await database.Write(sql => sql.Execute("create table t (a integer)"));
                var files = directory.GetFiles();
                Assert.Contains(files, file => file.Name == "united.db-wal");
                Assert.All(files, file => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, file.UnixFileMode));
            }
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task A_full_disk_is_a_database_that_is_away()
    {
        await using var test = await TestDatabase.Create(Engine.Sqlite);
        const string Insert = "insert into server_state (name, value) values (@name, @value)";
        await test.Database.Write(sql => sql.Execute("pragma max_page_count = 1")); // no fewer than there are: no more

        await Assert.ThrowsAsync<DatabaseUnavailableException>(() =>
            test.Database.Write(sql => sql.Execute(Insert, ("name", "large"), ("value", new byte[1024 * 1024]))));

        await test.Database.Write(sql => sql.Execute("pragma max_page_count = 1000000"));
        await test.Database.Write(sql => sql.Execute(Insert, ("name", "large"), ("value", new byte[1024 * 1024])));
        Assert.Equal(1, await test.Database.Read(sql => sql.Count("select count(*) from server_state where name = 'large'")));
    }

    [Fact]
    public async Task Log_of_sqlite_stays_bounded_while_others_read()
    {
        await using var test = await TestDatabase.Create(Engine.Sqlite);
        var megabyte = new byte[1024 * 1024];

        for (var i = 0; i < 60; i++)
        {
            var reading = test.Database.Read(sql => sql.Count("select count(*) from server_state"));
            await test.Database.Write(sql => sql.Execute(
                "insert into server_state (name, value) values ('large', @value) on conflict (name) do update set value = excluded.value", ("value", megabyte)));
            await reading;
        }

        Assert.InRange(new FileInfo(test.Connection + "-wal").Length, 1, 20L * 1024 * 1024);
    }

    [Theory, EachDatabase]
    public async Task A_snapshot_does_not_see_what_is_written_meanwhile(Engine engine)
    {
        await using var test = await TestDatabase.Create(engine);

        var seen = await test.Database.Snapshot(async sql =>
        {
            var before = await sql.Count("select count(*) from server_settings");
            await test.Database.Write(other => other.Execute("insert into server_settings (name, value) values ('a', 'b')"));
            return (before, after: await sql.Count("select count(*) from server_settings"));
        });

        Assert.Equal((0, 0), seen);
        Assert.Equal(1, await test.Database.Read(sql => sql.Count("select count(*) from server_settings")));
    }

    [Fact]
    public async Task A_sqlite_write_that_waits_for_anything_else_is_refused()
    {
        await using var test = await TestDatabase.Create(Engine.Sqlite);
        var never = new TaskCompletionSource<int>();

        await Assert.ThrowsAsync<InvalidOperationException>(() => test.Database.Write(_ => never.Task));

        Assert.Equal(0, await test.Database.Read(sql => sql.Count("select count(*) from users")));
    }

    [Theory, EachDatabase]
    public async Task Migrations_run_once_however_many_start_together(Engine engine)
    {
        await using var test = await TestDatabase.Create(engine, migrate: false);

        var applied = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Migrations.Apply(test.Database, TimeProvider.System)));

        Assert.Equal(Migrations.Known.Select(known => known.Number), applied.SelectMany(numbers => numbers));
    }

    // Of script 10, which writes them anew.
    [Fact]
    public async Task Messages_of_a_database_of_before_stay_what_they_are()
    {
        await using var test = await TestDatabase.Create(Engine.Sqlite, migrate: false);
        await test.Database.Write(sql => Migrations.Apply(sql, TimeProvider.System, upTo: 9));
        await test.Database.Write(async sql =>
        {
            foreach (var place in (int[])[3, 1, 2])
                await sql.Execute("""
                    insert into messages (conversation_id, server_sequence, id, sender_id, send_key, client_id, type, content, reply_to_id, shared_post_id,
                        signature, envelope, edited_at, deleted, flagged, late, revision, timestamp, payload, nonce, ephemeral_pubkey, sent_at, client_key)
                    values (@one, @place, @id, @one, @id, 'key', 3, 'content' || @place, @one, @one, @one, @one, 4, @place = 2, @place = 3, @place = 1, @place, 5,
                        x'01', x'02', x'03', 6, @id)
                    """,
                    ("one", Guid.AllBitsSet), ("place", place), ("id", Ids.New(TimeProvider.System)));
        });
        var before = await Everything(test.Database);

        await Migrations.Apply(test.Database, TimeProvider.System);

        Assert.Equal(3, before.Count);
        Assert.Equal(before, await Everything(test.Database));
        foreach (var view in (string[])["conversation_unread_counts", "message_read_receipts", "message_status", "dm_messages"])
            Assert.Equal(0, await test.Database.Read(sql => sql.Count($"select count(*) from {view}")));
        Assert.Equal(
            ["messages_client_key", "messages_flagged", "messages_id", "messages_revised", "messages_send_key", "messages_shared_post", "sqlite_autoindex_messages_1"],
            await test.Database.Read(sql => sql.All("select name from sqlite_master where type = 'index' and tbl_name = 'messages' order by name", row => row.Text(0))));
    }

    [Theory, EachDatabase]
    public async Task A_newer_database_is_refused_and_an_older_program_may_run_where_it_is_said_so(Engine engine)
    {
        await using var test = await TestDatabase.Create(engine);
        Task Newer(int number, int runsFrom) => test.Database.Write(sql => sql.Execute(
            "insert into schema_migrations (number, name, checksum, runs_from, applied_at) values (@number, 'x', 'x', @from, 0)", ("number", number), ("from", runsFrom)));

        await Newer(900, runsFrom: 1);
        Assert.Empty(await Migrations.Apply(test.Database, TimeProvider.System));

        await Newer(901, runsFrom: 901);
        await Assert.ThrowsAsync<SchemaException>(() => Migrations.Apply(test.Database, TimeProvider.System));
    }

    private static Task<List<string>> Everything(Database database) => database.Read(sql => sql.All("""
        select json_array(hex(conversation_id), server_sequence, hex(id), hex(sender_id), hex(send_key), client_id, type, content, hex(reply_to_id), hex(shared_post_id),
            hex(signature), hex(envelope), edited_at, deleted, flagged, late, revision, timestamp, hex(payload), hex(nonce), hex(ephemeral_pubkey), sent_at, hex(client_key))
        from messages order by server_sequence
        """, row => row.Text(0)));
}
