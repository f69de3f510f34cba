namespace United.Core.Storage;

/// <summary>The tables as they are, asked of the database itself: a table that is added is backed up without anybody thinking of it.</summary>
internal static class Catalog
{
    // The schema's number stands in the header. Sessions and challenges end with a restore. Search is made anew from the log.
    private static readonly HashSet<string> NotKept =
        ["schema_migrations", "sessions", "auth_challenges", "search_progress", "message_search"];

    /// <summary>In the order in which they were made: a foreign key points to an earlier table.</summary>
    public static async Task<List<Table>> Tables(Sql sql)
    {
        var tables = new List<Table>();
        foreach (var name in await Names(sql, "table")) tables.Add(new Table(name, await Columns(sql, name)));
        return tables;
    }

    public static bool IsKept(Table table) => !NotKept.Contains(table.Name);

    /// <summary>Leaves an empty database. Part of the caller's transaction.</summary>
    public static async Task DropAll(Sql sql)
    {
        foreach (var view in await Names(sql, "view")) await sql.Execute($"drop view {view}{Cascade(sql)}");
        foreach (var index in await Names(sql, "virtual")) await sql.Execute($"drop table {index}");
        var tables = await Names(sql, "table");
        tables.Reverse();
        foreach (var table in tables) await sql.Execute($"drop table {table}{Cascade(sql)}");
    }

    private static string Cascade(Sql sql) => sql.IsPostgres ? " cascade" : "";

    private static async Task<List<string>> Names(Sql sql, string kind)
    {
        if (sql.IsPostgres) return kind == "virtual" ? [] : await sql.All(
            "select relname::text from pg_class where relnamespace = current_schema()::regnamespace and relkind::text = @kind order by oid",
            row => row.Text(0), ("kind", kind == "table" ? "r" : "v"));
        // A virtual table keeps its content in tables that begin with its name.
        return await sql.All(
            """
            with listed as (select rowid as place, name, case when sql like 'create virtual%' then 'virtual' else type end as kind from sqlite_master where name not like 'sqlite_%')
            select name from listed where kind = @kind
                and not exists (select 1 from listed v where v.kind = 'virtual' and listed.name like v.name || '~_%' escape '~')
            order by place
            """,
            row => row.Text(0), ("kind", kind));
    }

    private static Task<List<Column>> Columns(Sql sql, string table) => sql.All(
        sql.IsPostgres
            ? "select attname::text, format_type(atttypid, null) from pg_attribute where attrelid = cast(@table as regclass) and attnum > 0 and not attisdropped order by attnum"
            : "select name, lower(type) from pragma_table_info(@table) order by cid",
        row => new Column(row.Text(0), row.Text(1)), ("table", table));
}

/// <param name="Type">As in the schema's scripts: uuid, bytea, text, boolean, smallint, integer, bigint.</param>
internal sealed record Column(string Name, string Type);

internal sealed record Table(string Name, IReadOnlyList<Column> Columns)
{
    public string ColumnNames => string.Join(", ", Columns.Select(column => column.Name));

    /// <summary>The first line of each of its chunks.</summary>
    public string HeaderLine => string.Join('\t', Columns.Select(column => $"{column.Name} {column.Type}"));
}
