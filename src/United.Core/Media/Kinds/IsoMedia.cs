using System.Buffers.Binary;

namespace United.Core.Media.Kinds;

/// <summary>The boxes of ISO 14496-12: MP4, QuickTime, M4A and AVIF. Length, name, content; some hold boxes again.</summary>
internal static class IsoMedia
{
    private const int MostBoxes = 2_000;

    // Major brands of what browsers play as video/mp4.
    private static readonly HashSet<string> Mp4 =
        ["isom", "iso2", "iso3", "iso4", "iso5", "iso6", "iso7", "iso8", "iso9", "mp41", "mp42", "avc1", "dash", "MSNV", "M4V ", "M4VH", "M4VP", "M4A ", "M4B "];

    public static FileKind? Of(FileBytes bytes)
    {
        if (!bytes.Read(4, 4).SequenceEqual("ftyp"u8) || Name(bytes, 8) is not { } brand) return null;
        var walk = new Walk(bytes);
        if (brand is "avif" or "avis" || (brand is "mif1" or "msf1" && IsAvif(bytes))) return Avif(walk);
        var (video, audio) = Tracks(walk);
        if (brand == "qt  ") return video ? new FileKind(MediaType.Video, "video/quicktime") : null;
        if (!Mp4.Contains(brand)) return null;
        return video ? new FileKind(MediaType.Video, "video/mp4") : audio ? new FileKind(MediaType.Voice, "audio/mp4") : null;
    }

    // The compatible brands follow the major one and its version.
    private static bool IsAvif(FileBytes bytes)
    {
        var end = Math.Min(bytes.UInt32(0) ?? 0, 256);
        for (var at = 16L; at + 4 <= end; at += 4)
        {
            if (Name(bytes, at) == "avif") return true;
        }
        return false;
    }

    // meta (four bytes before its boxes) / iprp / ipco / ispe: one for each picture or tile, the whole is the largest.
    private static FileKind? Avif(Walk walk)
    {
        (long Width, long Height) largest = default;
        foreach (var meta in walk.In(walk.All, "meta"))
            foreach (var properties in walk.In(meta with { Start = meta.Start + 4 }, "iprp"))
                foreach (var container in walk.In(properties, "ipco"))
                    foreach (var extent in walk.In(container, "ispe"))
                    {
                        var (width, height) = (walk.Bytes.UInt32(extent.Start + 4) ?? 0L, walk.Bytes.UInt32(extent.Start + 8) ?? 0L);
                        if (width <= int.MaxValue && height <= int.MaxValue && width * height > largest.Width * largest.Height) largest = (width, height);
                    }
        return largest == default ? null : new FileKind(MediaType.Image, "image/avif", (int)largest.Width, (int)largest.Height);
    }

    // moov / trak / mdia / hdlr, which names what the track is after eight bytes.
    private static (bool Video, bool Audio) Tracks(Walk walk)
    {
        var (video, audio) = (false, false);
        foreach (var movie in walk.In(walk.All, "moov"))
            foreach (var track in walk.In(movie, "trak"))
                foreach (var media in walk.In(track, "mdia"))
                    foreach (var handler in walk.In(media, "hdlr"))
                    {
                        var name = Name(walk.Bytes, handler.Start + 8);
                        (video, audio) = (video || name == "vide", audio || name == "soun");
                    }
        return (video, audio);
    }

    private static string? Name(FileBytes bytes, long at) => bytes.Read(at, 4) is { Length: 4 } name ? System.Text.Encoding.Latin1.GetString(name) : null;

    private readonly record struct Box(long Start, long End);

    private sealed class Walk(FileBytes bytes)
    {
        private int _left = MostBoxes;

        public FileBytes Bytes => bytes;

        public Box All => new(0, bytes.Length);

        /// <summary>The content of the boxes of this name. Stops at the first that does not fit into what holds it.</summary>
        public IEnumerable<Box> In(Box outer, string name)
        {
            for (var at = outer.Start; _left > 0 && Read(at, outer.End) is { } box; at = box.End)
            {
                _left--;
                if (Name(bytes, at + 4) == name) yield return box;
            }
        }

        private Box? Read(long at, long end)
        {
            var head = bytes.Read(at, 16);
            if (head.Length < 8) return null;
            var size = (ulong)BinaryPrimitives.ReadUInt32BigEndian(head);
            var header = 8;
            if (size == 1)
            {
                if (head.Length < 16) return null;
                (size, header) = (BinaryPrimitives.ReadUInt64BigEndian(head[8..]), 16);
            }
            if (size == 0) size = (ulong)(end - at); // to the end
            return size < (ulong)header || size > (ulong)(end - at) ? null : new Box(at + header, at + (long)size);
        }
    }
}
