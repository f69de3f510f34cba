using System.Text.Json.Serialization;
using United.Core.Media;

namespace United.Server.Rest;

/// <summary>An uploaded file: as its uploader gets it, and in the messages that hold it.</summary>
internal sealed record MediaJson
{
    public required Guid Id { get; init; }

    /// <summary><c>image</c>, <c>video</c>, <c>voice</c> or <c>file</c>.</summary>
    public required string MediaType { get; init; }

    /// <summary>By its bytes.</summary>
    public required string ContentType { get; init; }

    public required string Name { get; init; }

    /// <summary>Bytes.</summary>
    public required long Size { get; init; }

    public required int? Width { get; init; }
    public required int? Height { get; init; }

    /// <summary>Seconds.</summary>
    public required double? Duration { get; init; }

    /// <summary>Base64 of 64 bytes.</summary>
    public required byte[]? Waveform { get; init; }

    public required Guid? ThumbnailId { get; init; }

    public static MediaJson Of(MessageMedia media) => new()
    {
        Id = media.Id,
        MediaType = NameOf(media.Type),
        ContentType = media.ContentType,
        Name = media.Name,
        Size = media.Size,
        Width = media.Width,
        Height = media.Height,
        Duration = media.Duration / 1000.0,
        Waveform = media.Waveform,
        ThumbnailId = media.ThumbnailId,
    };

    private static string NameOf(MediaType type) => type switch
    {
        Core.Media.MediaType.Image => "image",
        Core.Media.MediaType.Video => "video",
        Core.Media.MediaType.Voice => "voice",
        _ => "file",
    };
}

/// <summary>An address that needs no Authorization header.</summary>
internal sealed record TicketJson
{
    public required string Url { get; init; }

    /// <summary>Unix milliseconds.</summary>
    public required long ExpiresAt { get; init; }
}

[JsonSerializable(typeof(MediaJson))]
[JsonSerializable(typeof(TicketJson))]
internal sealed partial class MediaJsonContext : JsonSerializerContext;
