using System.Numerics;

namespace United.Core.Media.Kinds;

/// <summary>WebM: elements of EBML (RFC 8794), each an id, a length and a content. The tracks stand before the first pictures and sounds.</summary>
internal static class WebM
{
    private const uint Header = 0x1A45DFA3, DocType = 0x4282, Segment = 0x18538067, Tracks = 0x1654AE6B, TrackEntry = 0xAE, TrackType = 0x83, Cluster = 0x1F43B675;
    private const int MostElements = 500;

    public static FileKind? Of(FileBytes bytes)
    {
        var left = MostElements;
        var (isWebM, video, audio) = (false, false, false);
        foreach (var top in Elements(bytes, 0, bytes.Length))
        {
            if (top.Id == Header) isWebM = Elements(bytes, top.Start, top.End).Any(element => element.Id == DocType && bytes.Read(element.Start, 4).SequenceEqual("webm"u8));
            if (!isWebM) return null;
            if (top.Id == Segment) (video, audio) = TracksOf(top);
            if (top.Id != Header) break;
        }
        return video ? new FileKind(MediaType.Video, "video/webm") : audio ? new FileKind(MediaType.Voice, "audio/webm") : null;

        (bool Video, bool Audio) TracksOf(Element segment)
        {
            var types = Elements(bytes, segment.Start, segment.End).TakeWhile(element => element.Id != Cluster).Where(element => element.Id == Tracks)
                .SelectMany(tracks => Elements(bytes, tracks.Start, tracks.End)).Where(element => element.Id == TrackEntry)
                .SelectMany(entry => Elements(bytes, entry.Start, entry.End)).Where(element => element.Id == TrackType)
                .Select(type => bytes.Read(type.Start, 1) is [var kind] ? kind : 0).ToList();
            return (types.Contains(1), types.Contains(2));
        }

        IEnumerable<Element> Elements(FileBytes from, long start, long end)
        {
            for (var at = start; left > 0 && Read(from, at, end) is { } element; at = element.End)
            {
                left--;
                yield return element;
            }
        }
    }

    private static Element? Read(FileBytes bytes, long at, long end)
    {
        if (Number(bytes, at, most: 4) is not var (id, idLength) || Number(bytes, at + idLength, most: 8) is not var (size, sizeLength)) return null;
        var start = at + idLength + sizeLength;
        var value = size & (ulong.MaxValue >> (64 - (7 * sizeLength)));
        // All ones: it goes on to the end of what holds it, as in a recording that was not finished.
        if (value == ulong.MaxValue >> (64 - (7 * sizeLength))) value = (ulong)Math.Max(end - start, 0);
        return start > end || value > (ulong)(end - start) ? null : new Element((uint)id, start, start + (long)value);
    }

    // The zeros before the first one say how many bytes follow; an id keeps that one.
    private static (ulong Value, int Length)? Number(FileBytes bytes, long at, int most)
    {
        var read = bytes.Read(at, most);
        if (read.IsEmpty) return null;
        var length = BitOperations.LeadingZeroCount((uint)read[0]) - 23;
        if (length > read.Length) return null;
        var value = 0UL;
        foreach (var part in read[..length]) value = (value << 8) | part;
        return (value, length);
    }

    private readonly record struct Element(uint Id, long Start, long End);
}
