namespace United.Core.Media.Kinds;

/// <summary>Sound without a container of its own kind: Ogg, WAV, MP3, AAC. All of it is played as a voice.</summary>
internal static class Audio
{
    // Kilobits a second of layer III, by version (1; 2 and 2.5) and the four bits of the frame header.
    private static readonly int[] BitratesOf1 = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
    private static readonly int[] BitratesOf2 = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
    private static readonly int[] SampleRatesOf1 = [44_100, 48_000, 32_000];

    public static FileKind? Of(FileBytes bytes)
    {
        var head = bytes.Read(0, 12);
        if (head.StartsWith("OggS"u8)) return Ogg(bytes);
        if (head.StartsWith("RIFF"u8) && head.Length == 12 && head[8..].StartsWith("WAVE"u8)) return Voice("audio/wav");
        var start = head.StartsWith("ID3"u8) && head.Length >= 10 ? AfterTag(head) : 0;
        // One frame may be chance, two that join are not.
        if (Mp3Frame(bytes.Read(start, 4)) is { } mp3) return Joins(bytes, start + mp3, next => Mp3Frame(next) is not null) ? Voice("audio/mpeg") : null;
        return AacFrame(bytes.Read(start, 6)) is { } aac && Joins(bytes, start + aac, next => AacFrame(next) is not null) ? Voice("audio/aac") : null;
    }

    // The page's table of segments, then the first packet, which names the codec.
    private static FileKind? Ogg(FileBytes bytes)
    {
        if (bytes.Read(26, 1) is not [var segments]) return null;
        var packet = bytes.Read(27 + segments, 8);
        return packet.StartsWith("OpusHead"u8) || packet.StartsWith("\u0001vorbis"u8) ? Voice("audio/ogg") : null;
    }

    // ID3v2: ten bytes, the last four a length of seven bits each.
    private static long AfterTag(ReadOnlySpan<byte> head) => 10 + (((head[6] & 0x7F) << 21) | ((head[7] & 0x7F) << 14) | ((head[8] & 0x7F) << 7) | (head[9] & 0x7F));

    private static bool Joins(FileBytes bytes, long at, Func<byte[], bool> isFrame) => at == bytes.Length || isFrame(bytes.Read(at, 6).ToArray());

    /// <returns>How long the frame is; null: it is none.</returns>
    private static int? Mp3Frame(ReadOnlySpan<byte> frame)
    {
        if (frame.Length < 4 || frame[0] != 0xFF || (frame[1] & 0xE0) != 0xE0) return null;
        var (version, layer, bitrate, sampleRate) = ((frame[1] >> 3) & 3, (frame[1] >> 1) & 3, frame[2] >> 4, (frame[2] >> 2) & 3);
        if (version == 1 || layer != 1 || bitrate is 0 or 15 || sampleRate == 3) return null;
        var isVersion1 = version == 3;
        var samples = SampleRatesOf1[sampleRate] / (isVersion1 ? 1 : version == 2 ? 2 : 4);
        return ((isVersion1 ? 144_000 : 72_000) * (isVersion1 ? BitratesOf1 : BitratesOf2)[bitrate] / samples) + ((frame[2] >> 1) & 1);
    }

    /// <returns>How long the ADTS frame is; null: it is none.</returns>
    private static int? AacFrame(ReadOnlySpan<byte> frame)
    {
        if (frame.Length < 6 || frame[0] != 0xFF || (frame[1] & 0xF6) != 0xF0 || ((frame[2] >> 2) & 15) > 12) return null;
        var length = ((frame[3] & 3) << 11) | (frame[4] << 3) | (frame[5] >> 5);
        return length >= 7 ? length : null;
    }

    private static FileKind Voice(string contentType) => new(MediaType.Voice, contentType);
}
