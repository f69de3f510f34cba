using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using United.Core;

namespace United.Server.Rest;

/// <summary>
/// The one place where a refusal becomes HTTP: an RFC 9457 problem document with the catalogue's stable code. Nothing of the
/// request goes into it, so what the caller may not know of and what does not exist answer with the same bytes.
/// </summary>
internal static class RestFaults
{
    public static IResult NotFound { get; } = Result(Fault.NotFound);

    public static IResult Result(Refusal refusal) => new ProblemResult(refusal);

    public static async Task Write(HttpContext context, Refusal refusal)
    {
        var response = context.Response;
        context.Features.Set(refusal.Fault);
        response.StatusCode = refusal.Fault.HttpStatus;
        response.ContentType = "application/problem+json";
        if (response.StatusCode == StatusCodes.Status401Unauthorized) response.Headers.WWWAuthenticate = "Bearer";
        if (Seconds(refusal) is { } seconds) response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        if (HttpMethods.IsHead(context.Request.Method)) return;
        await JsonSerializer.SerializeAsync(response.Body, Document(refusal), RestJson.Of<Problem>(), context.RequestAborted);
    }

    private static Problem Document(Refusal refusal) => new()
    {
        Type = "urn:united:fault:" + refusal.Fault.Code,
        Title = refusal.Fault.Text,
        Status = refusal.Fault.HttpStatus,
        Code = refusal.Fault.Code,
        Field = refusal.Field,
        Reason = refusal.Reason,
        RetryAfter = Seconds(refusal),
    };

    // Rounded up: who comes back after that many seconds is not turned away again.
    private static long? Seconds(Refusal refusal) => refusal.RetryAfter is { } wait ? (long)Math.Ceiling(wait.TotalSeconds) : null;

    private sealed class ProblemResult(Refusal refusal) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext) => Write(httpContext, refusal);
    }
}

/// <summary>Why a request was refused (RFC 9457).</summary>
internal sealed record Problem
{
    public required string Type { get; init; }
    public required string Title { get; init; }
    public required int Status { get; init; }

    /// <summary>Stable; what a program decides by.</summary>
    public required string Code { get; init; }

    /// <summary>The offending field, where there is one: <c>content</c>, <c>media_ids[2]</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Field { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Reason { get; init; }

    /// <summary>Seconds, as in the header.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? RetryAfter { get; init; }
}

[JsonSerializable(typeof(Problem))]
internal sealed partial class ProblemJson : JsonSerializerContext;
