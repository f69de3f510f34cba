using System.Text.Json.Serialization;

namespace United.Server.Rest;

/// <summary>A page of a list.</summary>
internal sealed record Page<T>
{
    public required IReadOnlyList<T> Items { get; init; }

    /// <summary>Passed back as <c>cursor</c>; absent at the end.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Next { get; init; }
}

internal static class Page
{
    public const int Usual = 50;
    public const int Most = 100;

    /// <param name="rows">One more than the page holds, if there is one more.</param>
    /// <param name="place">Where the next page begins: after this row.</param>
    public static Page<T> Of<TRow, T>(IReadOnlyList<TRow> rows, int limit, Func<TRow, T> shape, Func<TRow, string> place) => new()
    {
        Items = [.. rows.Take(limit).Select(shape)],
        Next = rows.Count > limit ? Query.Cursor(place(rows[limit - 1])) : null,
    };
}
