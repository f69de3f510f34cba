using United.Core.Storage;

namespace United.Testing;

/// <summary>What a database holds, as text: to look for what must not be there, and to see that nothing has changed.</summary>
public static class StoredRows
{
    /// <summary>The tables that what is done in a conversation writes to.</summary>
    public static readonly string[] OfConversations =
    [
        "conversations", "conversation_members", "messages", "reactions", "mentions", "message_requests", "message_media", "media", "receipt_events", "message_reports",
    ];

    /// <summary>Every column of every row, bytes in hex. The order of rows is the same as long as they are.</summary>
    /// <param name="tables">Of these alone; none: of all.</param>
    public static async Task<string> Of(Sql sql, params string[] tables)
    {
        var rows = new List<string>();
        foreach (var table in (await Catalog.Tables(sql)).Where(table => tables.Length == 0 || tables.Contains(table.Name)))
            rows.AddRange(await sql.All($"select {string.Join(" || ' ' || ", table.Columns.Select(column => Shown(sql, column)))} from {table.Name} order by 1", row => $"{table.Name} {row.Text(0)}"));
        return string.Join('\n', rows);
    }

    private static string Shown(Sql sql, Column column) => "coalesce(" + (column.Type, sql.IsPostgres) switch
    {
        ("bytea", true) => $"encode({column.Name}, 'hex')",
        ("bytea" or "uuid", false) => $"lower(hex({column.Name}))",
        _ => $"cast({column.Name} as text)",
    } + ", '')";
}
