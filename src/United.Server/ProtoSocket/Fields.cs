using United.Core;
using United.Wire.Ws;

namespace United.Server.ProtoSocket;

/// <summary>From what a client wrote to what the slices take, and back.</summary>
internal static class Fields
{
    public static Result<Guid> Id(string text, string field) =>
        Ids.TryParse(text, out var id) ? id : Refusal.Invalid(field, "is not an id");

    public static Result<Guid?> IdOrNone(string text, string field)
    {
        if (text.Length == 0) return (Guid?)null;
        return Id(text, field).TryGet(out var id, out var refusal) ? (Guid?)id : refusal;
    }

    public static Result<Guid[]> All(IReadOnlyList<string> texts, string field)
    {
        var ids = new Guid[texts.Count];
        for (var i = 0; i < ids.Length; i++)
        {
            if (!Id(texts[i], field).TryGet(out ids[i], out var refusal)) return refusal;
        }
        return ids;
    }

    /// <summary>What is beyond the numbers of the slices is the largest of them.</summary>
    public static long Number(ulong number) => (long)Math.Min(number, long.MaxValue);

    /// <summary>Zero stands for none, where the field is not <c>optional</c>.</summary>
    public static long? NumberOrNone(ulong number) => number == 0 ? null : Number(number);

    public static string? TextOrNone(string text) => text.Length == 0 ? null : text;

    public static Result<Envelope> Answer<T>(Result<T> result, Func<T, Envelope> shape) =>
        result.TryGet(out var value, out var refusal) ? shape(value) : refusal;
}
