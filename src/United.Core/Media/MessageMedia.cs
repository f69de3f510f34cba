using United.Core.Media.Kinds;

namespace United.Core.Media;

/// <summary>A file that was uploaded, as its uploader and the readers of messages see it.</summary>
/// <param name="ContentType">By its bytes: one of a closed list, never what its uploader said.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Width">Pixels; of images by their header, of videos as the uploader said.</param>
/// <param name="Duration">Milliseconds, of voice and video.</param>
/// <param name="Waveform">Of voice: 64 loudnesses.</param>
public sealed record MessageMedia(
    Guid Id, MediaType Type, string ContentType, string Name, long Size, int? Width, int? Height, long? Duration, byte[]? Waveform, Guid? ThumbnailId)
{
    /// <summary>Whether a browser may show or play it in place; else it is downloaded.</summary>
    public bool IsShown => FileKind.IsShown(ContentType);
}

/// <summary>Stored: values are frozen.</summary>
public enum MediaType
{
    Image = 1,
    Video = 2,
    Voice = 3,
    File = 4,
}
