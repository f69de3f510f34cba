using System.Globalization;
using United.Core;

namespace United.Server;

/// <summary>Places in lists that are in the order of time, as cursors of every wire hold them: a moment, and the id that was last at it.</summary>
internal static class ListPlaces
{
    public static string Write(long at, Guid id) => string.Create(CultureInfo.InvariantCulture, $"{at} {id:D}");

    public static Result<(long At, Guid Id)> Read(string text) =>
        text.Split(' ') is [var at, var id] && long.TryParse(at, NumberStyles.None, CultureInfo.InvariantCulture, out var moment) && Ids.TryParse(id, out var known)
            ? (moment, known)
            : Refusal.Invalid("cursor", "is not one of ours");
}
