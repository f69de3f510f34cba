using System.Buffers.Text;
using System.Globalization;
using System.Numerics;
using System.Text;
using United.Core;

namespace United.Server.Rest;

/// <summary>Query parameters: each given once at most, numbers in plain decimal. Anything else is refused by name.</summary>
internal static class Query
{
    private const int MaxCursorLength = 400;

    /// <summary>Below 1 or not a number is refused, above <paramref name="most"/> is <paramref name="most"/>.</summary>
    public static Result<int> Limit(HttpContext context, int usual, int most)
    {
        if (!Text(context, "limit").TryGet(out var text, out var refusal)) return refusal;
        if (text is null) return usual;
        if (!BigInteger.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var limit)) return NotWhole("limit");
        return limit < 1 ? Refusal.Invalid("limit", "must be at least 1") : (int)BigInteger.Min(limit, most);
    }

    /// <summary>Null where it is not given.</summary>
    public static Result<long?> Number(HttpContext context, string name)
    {
        if (!Text(context, name).TryGet(out var text, out var refusal)) return refusal;
        if (text is null) return (long?)null;
        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? (long?)number
            : NotWhole(name);
    }

    /// <summary>Null where it is not given.</summary>
    public static Result<Guid?> Id(HttpContext context, string name)
    {
        if (!Text(context, name).TryGet(out var text, out var refusal)) return refusal;
        if (text is null) return (Guid?)null;
        return Ids.TryParse(text, out var id) ? (Guid?)id : Refusal.Invalid(name, "must be an id");
    }

    /// <summary><c>true</c> or <c>false</c>; false where it is not given.</summary>
    public static Result<bool> Flag(HttpContext context, string name)
    {
        if (!Text(context, name).TryGet(out var text, out var refusal)) return refusal;
        return text switch
        {
            null or "false" => false,
            "true" => true,
            _ => Refusal.Invalid(name, "must be true or false"),
        };
    }

    /// <summary>Null where it is not given.</summary>
    public static Result<string?> Text(HttpContext context, string name)
    {
        var values = context.Request.Query[name];
        return values.Count > 1 ? Refusal.Invalid(name, "is given twice") : values.Count == 0 ? null as string : values[0];
    }

    /// <summary>What <see cref="Cursor(string)"/> made; null where it is not given. Its inside is the caller's to check.</summary>
    public static Result<string?> Cursor(HttpContext context)
    {
        if (!Text(context, "cursor").TryGet(out var text, out var refusal)) return refusal;
        if (text is null) return null as string;
        if (text.Length > MaxCursorLength || !Base64Url.IsValid(text)) return Refusal.Invalid("cursor", "is not one of ours");
        return Encoding.UTF8.GetString(Base64Url.DecodeFromChars(text));
    }

    /// <summary>A cursor whose inside is an id.</summary>
    public static Result<Guid?> CursorId(HttpContext context)
    {
        if (!Cursor(context).TryGet(out var place, out var refusal)) return refusal;
        if (place is null) return (Guid?)null;
        return Ids.TryParse(place, out var id) ? (Guid?)id : Refusal.Invalid("cursor", "is not one of ours");
    }

    /// <summary>A cursor whose inside is a moment and an id, as <see cref="ListPlaces"/> writes them.</summary>
    public static Result<(long At, Guid Id)?> CursorPlace(HttpContext context)
    {
        if (!Cursor(context).TryGet(out var place, out var refusal)) return refusal;
        if (place is null) return ((long, Guid)?)null;
        return ListPlaces.Read(place).TryGet(out var found, out refusal) ? ((long, Guid)?)found : refusal;
    }

    /// <summary>Makes an opaque cursor of the place where the next page begins.</summary>
    public static string Cursor(string place) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(place));

    private static Refusal NotWhole(string name) => Refusal.Invalid(name, "must be a whole number");
}
