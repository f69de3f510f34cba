using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;
using Microsoft.OpenApi;
using United.Core;
using United.Core.Media;

namespace United.Server.Rest;

/// <summary>
/// An upload as it arrives: a form (<c>multipart/form-data</c>) with one file and what is said of it in any order, or the file as the body and the rest in
/// the query. Nothing of a form is kept in memory but small fields.
/// </summary>
internal sealed class MediaForm : IAsyncDisposable
{
    private const int MostParts = 16;
    private const int MostFieldBytes = 1024;
    private const int MostBoundary = 200;

    public static readonly RouteParameter[] Fields =
    [
        RouteParameter.Text("name", "Of the file"),
        RouteParameter.Number("width", "Of a video, pixels"),
        RouteParameter.Number("height", "Of a video, pixels"),
        new("duration", new OpenApiSchema { Type = JsonSchemaType.Number }, "Of voice and video, seconds"),
        RouteParameter.Text("waveform", "Of voice: 64 loudnesses, base64"),
        RouteParameter.Id("thumbnail", "An image that you uploaded before"),
    ];

    private static readonly string[] Known = Array.ConvertAll(Fields, field => field.Name);

    private readonly Dictionary<string, string> _fields = new(StringComparer.Ordinal);
    private string _fileName = "";

    public IncomingFile? File { get; private set; }

    public async Task<Refusal?> Read(HttpContext context, MediaUploads uploads)
    {
        try
        {
            return await ReadBody(context, uploads);
        }
        catch (Exception e) when (e is InvalidDataException || (e is IOException and not BadHttpRequestException))
        {
            return new Refusal(Fault.Malformed); // it broke off, is no form, or is one with endless headers
        }
    }

    public Result<DescribeMedia> Description()
    {
        if (!Whole("width").TryGet(out var width, out var refusal)) return refusal;
        if (!Whole("height").TryGet(out var height, out refusal)) return refusal;
        if (!Seconds("duration").TryGet(out var duration, out refusal)) return refusal;
        if (!Bytes("waveform").TryGet(out var waveform, out refusal)) return refusal;
        if (!Id("thumbnail").TryGet(out var thumbnail, out refusal)) return refusal;
        return new DescribeMedia(_fields.GetValueOrDefault("name", _fileName), width, height, duration, waveform, thumbnail);
    }

    public async ValueTask DisposeAsync()
    {
        if (File is not null) await File.DisposeAsync();
    }

    private async Task<Refusal?> ReadBody(HttpContext context, MediaUploads uploads)
    {
        if (MediaTypeHeaderValue.TryParse(context.Request.ContentType, out var type) && type.MediaType.StartsWith("multipart/", StringComparison.OrdinalIgnoreCase))
            return await ReadForm(context, type, uploads);
        foreach (var name in Known)
        {
            if (!Query.Text(context, name).TryGet(out var text, out var refusal)) return refusal;
            if (text is not null) _fields[name] = text;
        }
        return await Receive(context.Request.Body, uploads, context.RequestAborted);
    }

    private async Task<Refusal?> ReadForm(HttpContext context, MediaTypeHeaderValue type, MediaUploads uploads)
    {
        var boundary = HeaderUtilities.RemoveQuotes(type.Boundary);
        if (boundary.Length is 0 or > MostBoundary) return new Refusal(Fault.Malformed);
        var reader = new MultipartReader(boundary.Value!, context.Request.Body);
        for (var parts = 0; await reader.ReadNextSectionAsync(context.RequestAborted) is { } part; parts++)
        {
            if (parts == MostParts) return new Refusal(Fault.Malformed);
            if (await ReadPart(part, uploads, context.RequestAborted) is { } refusal) return refusal;
        }
        return File is null ? Refusal.Invalid("file", "is missing") : null;
    }

    private async Task<Refusal?> ReadPart(MultipartSection part, MediaUploads uploads, CancellationToken ct)
    {
        if (part.GetContentDispositionHeader() is not { } disposition) return new Refusal(Fault.Malformed);
        var name = HeaderUtilities.RemoveQuotes(disposition.Name).Value ?? "";
        if (name == "file")
        {
            if (File is not null) return Refusal.Invalid("file", "is given twice");
            _fileName = FileName(disposition);
            return await Receive(part.Body, uploads, ct);
        }
        if (!Known.Contains(name)) return null;
        if (await Text(part.Body, ct) is not { } text) return Refusal.Invalid(name, $"has more than {MostFieldBytes} bytes, or is not UTF-8");
        return _fields.TryAdd(name, text) ? null : Refusal.Invalid(name, "is given twice");
    }

    private static string FileName(ContentDispositionHeaderValue disposition)
    {
        // Looked up first: the framework throws at one without a value.
        var hasExtended = disposition.Parameters.Any(parameter => parameter.Name.Equals("filename*", StringComparison.OrdinalIgnoreCase) && parameter.Value.HasValue);
        var extended = hasExtended ? disposition.FileNameStar : default;
        return (extended.HasValue ? extended : HeaderUtilities.RemoveQuotes(disposition.FileName)).Value ?? "";
    }

    private async Task<Refusal?> Receive(Stream body, MediaUploads uploads, CancellationToken ct)
    {
        if (!(await uploads.Receive(body, ct)).TryGet(out var file, out var refusal)) return refusal;
        File = file;
        return null;
    }

    private static async Task<string?> Text(Stream body, CancellationToken ct)
    {
        var bytes = new byte[MostFieldBytes + 1];
        var length = await body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, ct);
        return length > MostFieldBytes || !System.Text.Unicode.Utf8.IsValid(bytes.AsSpan(0, length)) ? null : Encoding.UTF8.GetString(bytes, 0, length);
    }

    private Result<int?> Whole(string name)
    {
        if (!_fields.TryGetValue(name, out var text)) return (int?)null;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? (int?)number : Refusal.Invalid(name, "must be a whole number");
    }

    /// <returns>Milliseconds.</returns>
    private Result<long?> Seconds(string name)
    {
        if (!_fields.TryGetValue(name, out var text)) return (long?)null;
        return decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) && seconds < int.MaxValue
            ? (long?)decimal.Round(seconds * 1000)
            : Refusal.Invalid(name, "must be a number of seconds");
    }

    private Result<byte[]?> Bytes(string name)
    {
        if (!_fields.TryGetValue(name, out var text)) return null as byte[];
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out var length) ? bytes[..length] : Refusal.Invalid(name, "must be base64");
    }

    private Result<Guid?> Id(string name)
    {
        if (!_fields.TryGetValue(name, out var text)) return (Guid?)null;
        return Ids.TryParse(text, out var id) ? (Guid?)id : Refusal.Invalid(name, "must be an id");
    }
}
