using Microsoft.Data.Sqlite;
using United.Core.Storage;
using United.Testing;
using Xunit;

namespace United.Core.Tests.Storage;

public sealed class SqlTests
{
    [Theory, EachDatabase]
    public async Task Texts_and_bytes_come_back_as_they_went_in_empty_ones_too(Engine engine)
    {
        await using var test = await TestDatabase.Create(engine);
        (string Name, byte[] Value)[] rows = [("", []), ("🦉 'and' \"quotes\"\\\n", [0, 1, 255]), (new string('ä', 5_000), new byte[20_000])];

        foreach (var (name, value) in rows)
            await test.Database.Write(sql => sql.Execute("insert into server_state (name, value) values (@name, @value)", ("name", name), ("value", value)));

        foreach (var (name, value) in rows)
            Assert.Equal((name, Convert.ToHexString(value)), await test.Database.Read(sql => sql.One(
                "select name, value from server_state where name = @name", row => (row.Text(0), Convert.ToHexString(row.Bytes(1))), ("name", name))));
    }

    [Theory, EachDatabase]
    public async Task Null_is_nothing_and_never_taken_for_a_number_or_a_text(Engine engine)
    {
        await using var test = await TestDatabase.Create(engine);
        Task<T?> Read<T>(Func<SqlRow, T> map) => test.Database.Read(sql => sql.One("select max(created_at), max(bio), max(cast(id as text)) from users", map));

        Assert.Equal((null, null, null), await Read(row => (row.Int64OrNull(0), row.TextOrNull(1), row.BytesOrNull(2))));
        await Assert.ThrowsAsync<InvalidCastException>(() => Read(row => row.Int64(0)));
        await Assert.ThrowsAsync<InvalidCastException>(() => Read(row => row.Text(1)));
    }

    [Theory, EachDatabase]
    public async Task Changed_rows_are_counted(Engine engine)
    {
        await using var test = await TestDatabase.Create(engine);

        var changed = await test.Database.Write(async sql => (
            await sql.Execute("insert into server_settings (name, value) values ('a', '1'), ('b', '1')"),
            await sql.Execute("update server_settings set value = '2' where name = @name", ("name", "a")),
            await sql.Execute("update server_settings set value = '2' where name = @name", ("name", "c")),
            await sql.Execute("delete from server_settings where name = any(@names)", ("names", (string[])["a", "b"]))));

        Assert.Equal((2, 1, 0, 2), changed);
    }

    [Fact]
    public async Task A_failed_statement_of_sqlite_runs_again()
    {
        await using var test = await TestDatabase.Create(Engine.Sqlite);
        Task Insert(string name) => test.Database.Write(sql => sql.Execute("insert into server_settings (name, value) values (@name, 'x')", ("name", name)));
        await Insert("a");

        var failure = await Assert.ThrowsAsync<SqliteException>(() => Insert("a"));
        await Insert("b");

        Assert.Equal((19, 1555), (failure.SqliteErrorCode, failure.SqliteExtendedErrorCode)); // a primary key
        Assert.Equal(2, await test.Database.Read(sql => sql.Count("select count(*) from server_settings")));
    }

    [Fact]
    public async Task A_statement_of_sqlite_is_not_begun_again_while_it_is_read()
    {
        await using var test = await TestDatabase.Create(Engine.Sqlite);
        const string Names = "select name from server_settings";
        await test.Database.Write(sql => sql.Execute("insert into server_settings (name, value) values ('a', 'x')"));

        await Assert.ThrowsAsync<InvalidOperationException>(() => test.Database.Snapshot(async sql =>
        {
            await sql.Each(Names, async _ => await sql.All(Names, row => row.Text(0)));
            return true;
        }));

        Assert.Equal(["a"], await test.Database.Read(sql => sql.All(Names, row => row.Text(0))));
    }

    [Theory]
    [InlineData("select 1; select 2")]
    [InlineData("select @missing")]
    public async Task What_would_run_only_in_part_is_refused(string text)
    {
        await using var test = await TestDatabase.Create(Engine.Sqlite);

        await Assert.ThrowsAsync<InvalidOperationException>(() => test.Database.Read(sql => sql.Count(text)));
    }
}
