using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Net.Http.Headers;
using United.Core;

namespace United.Server.Rest;

/// <summary>
/// Reads a JSON body strictly: of the right type, within bounds, well-formed to the last byte, every name once, every field of
/// its type. Names that the route does not know change nothing. Otherwise a refusal that names the field.
/// </summary>
internal static class Body
{
    public const int UsualMaxBytes = 64 * 1024;

    public static async Task<Result<T>> Read<T>(HttpContext context, int maxBytes = UsualMaxBytes)
    {
        if (!IsJson(context.Request)) return Fault.UnsupportedMediaType;
        var bytes = await ReadBytes(context, maxBytes);
        return bytes.TryGet(out var json, out var refusal) ? Parse<T>(json.Span) : refusal;
    }

    /// <summary>A body that is not JSON: raw bytes up to a bound. It may take minutes to arrive: when it has, who asks is looked up anew.</summary>
    public static async Task<Result<ReadOnlyMemory<byte>>> ReadBytes(HttpContext context, int maxBytes)
    {
        if (context.Request.ContentLength > maxBytes) return TooLarge(context, maxBytes);
        var reader = context.Request.BodyReader;
        while (true)
        {
            var read = await reader.ReadAsync(context.RequestAborted);
            if (read.Buffer.Length > maxBytes)
            {
                reader.AdvanceTo(read.Buffer.End);
                return TooLarge(context, maxBytes);
            }
            if (read.IsCompleted)
            {
                var bytes = read.Buffer.ToArray();
                reader.AdvanceTo(read.Buffer.End);
                return await context.Renew() is { } ended ? ended : new ReadOnlyMemory<byte>(bytes);
            }
            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    internal static Result<T> Parse<T>(ReadOnlySpan<byte> json) => Parse(json, RestJson.Of<T>());

    /// <param name="read">What makes the value of it, once it is sound: for wires whose JSON points to bytes beside it.</param>
    internal static Result<T> Parse<T>(ReadOnlySpan<byte> json, JsonTypeInfo<T> type, Func<T?>? read = null)
    {
        try
        {
            var names = StrictJson.Check(json);
            if (!names.TryGet(out var given, out var refusal)) return refusal;
            if (Missing(type, given) is { } missing) return Refusal.Invalid(missing, "is missing");
            return (read is null ? JsonSerializer.Deserialize(json, type) : read()) is { } value ? value : Refusal.Invalid("", "must be an object");
        }
        catch (JsonException e)
        {
            return Refusal.Invalid(FieldOf(e), "has the wrong type, or is null where it must not be");
        }
    }

    private static string? Missing(JsonTypeInfo type, HashSet<string> given)
    {
        foreach (var property in type.Properties)
        {
            if (property.IsRequired && !given.Contains(property.Name)) return property.Name;
        }
        return null;
    }

    private static string FieldOf(JsonException e) => e.Path is { Length: > 2 } path && path.StartsWith("$.", StringComparison.Ordinal) ? path[2..] : "";

    private static bool IsJson(HttpRequest request) =>
        MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
        && type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase)
        && (!type.Charset.HasValue || type.Charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase));

    // What is left of the body is not read: behind it no other request can be found.
    private static Refusal TooLarge(HttpContext context, int maxBytes)
    {
        context.Response.Headers.Connection = "close";
        return new(Fault.TooLarge, Reason: $"A body may have {maxBytes} bytes here.");
    }
}
