using United.Testing.Sockets;
using United.WebSockets;
using Xunit;

namespace United.Server.Tests.ProtoSocket;

public sealed class FrameDecoderTests
{
    private const int Most = 128 * 1024;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(125)]
    [InlineData(126)]
    [InlineData(65_535)]
    [InlineData(65_536)]
    [InlineData(Most)]
    public void A_message_of_any_allowed_length_comes_out_as_it_went_in(int length)
    {
        var payload = Bytes(length);
        var seen = Decode(new ClientFrame(ClientFrame.Binary, payload).ToBytes());
        Assert.Equal(CloseCode.None, seen.Refusal);
        Assert.Equal(payload, Assert.Single(seen.Messages));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(4096)]
    public void The_pieces_in_which_bytes_arrive_make_no_difference(int piece)
    {
        var first = Bytes(300);
        var second = Bytes(70_000);
        byte[] bytes = [.. Binary(first), .. Binary([]), .. Binary(second)];
        Assert.Equal([first, [], second], Decode(bytes, piece).Messages);
    }

    [Fact]
    public void Fragments_become_one_message_and_control_frames_may_stand_between()
    {
        byte[] bytes =
        [
            .. Fragment(ClientFrame.Binary, [1, 2], false), .. new ClientFrame(ClientFrame.Ping, [9]).ToBytes(),
            .. Fragment(ClientFrame.Continuation, [], false), .. Fragment(ClientFrame.Continuation, [3], true), .. Binary([4]),
        ];
        var seen = Decode(bytes);
        Assert.Equal([[1, 2, 3], [4]], seen.Messages);
        Assert.Equal([9], Assert.Single(seen.Pings));
        Assert.Equal(2, seen.Fragments);
    }

    public static TheoryData<string, int> Violations() => new()
    {
        { "unmasked", 1002 },
        { "reserved 1", 1002 },
        { "reserved 4", 1002 },
        { "opcode 3", 1002 },
        { "opcode 11", 1002 },
        { "opcode 15", 1002 },
        { "long ping", 1002 },
        { "fragmented ping", 1002 },
        { "continuation of nothing", 1002 },
        { "new message inside a fragmented one", 1002 },
        { "length not in its shortest form, 2 bytes", 1002 },
        { "length not in its shortest form, 8 bytes", 1002 },
        { "length with the highest bit", 1002 },
        { "text where only binary is taken", 1003 },
        { "one byte too many", 1009 },
        { "a length of exabytes", 1009 },
        { "fragments that add up to too much", 1009 },
    };

    private static byte[] Violation(string name) => name switch
    {
        "unmasked" => new ClientFrame(ClientFrame.Binary, [1]) { Mask = null }.ToBytes(),
        "reserved 1" => new ClientFrame(ClientFrame.Binary, [1]) { Reserved = 1 }.ToBytes(),
        "reserved 4" => new ClientFrame(ClientFrame.Binary, [1]) { Reserved = 4 }.ToBytes(),
        "opcode 3" => new ClientFrame(3, [1]).ToBytes(),
        "opcode 11" => new ClientFrame(11, []).ToBytes(),
        "opcode 15" => new ClientFrame(15, []).ToBytes(),
        "long ping" => new ClientFrame(ClientFrame.Ping, Bytes(126)).ToBytes(),
        "fragmented ping" => new ClientFrame(ClientFrame.Ping, []) { Final = false }.ToBytes(),
        "continuation of nothing" => new ClientFrame(ClientFrame.Continuation, [1]).ToBytes(),
        "new message inside a fragmented one" => [.. Fragment(ClientFrame.Binary, [1], false), .. Binary([2])],
        "length not in its shortest form, 2 bytes" => new ClientFrame(ClientFrame.Binary, Bytes(5)) { LengthBytes = 2 }.ToBytes(),
        "length not in its shortest form, 8 bytes" => new ClientFrame(ClientFrame.Binary, Bytes(500)) { LengthBytes = 8 }.ToBytes(),
        "length with the highest bit" => new ClientFrame(ClientFrame.Binary, []) { ClaimedLength = 1UL << 63 }.ToBytes(),
        "text where only binary is taken" => new ClientFrame(ClientFrame.Text, "hello"u8.ToArray()).ToBytes(),
        "one byte too many" => new ClientFrame(ClientFrame.Binary, []) { ClaimedLength = Most + 1 }.ToBytes(),
        "a length of exabytes" => new ClientFrame(ClientFrame.Binary, []) { ClaimedLength = long.MaxValue }.ToBytes(),
        "fragments that add up to too much" =>
            [.. Fragment(ClientFrame.Binary, Bytes(Most), false), .. Fragment(ClientFrame.Continuation, [1], true)],
        _ => throw new ArgumentOutOfRangeException(nameof(name)),
    };

    [Theory]
    [MemberData(nameof(Violations))]
    public void A_violation_is_refused_with_its_code_before_its_payload_arrives(string name, int code)
    {
        var bytes = Violation(name);
        Assert.Equal((CloseCode)code, Decode(bytes).Refusal);
        Assert.Equal((CloseCode)code, Decode(bytes, piece: 1).Refusal);
        Assert.Empty(Decode(bytes).Messages);
    }

    [Fact]
    public void Text_comes_out_as_text_whole_or_in_fragments_that_split_a_character()
    {
        byte[] bytes =
        [
            .. new ClientFrame(ClientFrame.Text, "h\u00e9"u8.ToArray()).ToBytes(), .. Fragment(ClientFrame.Text, [0xC3], false),
            .. Fragment(ClientFrame.Continuation, [0xA9], true), .. Binary([0xC3]),
        ];
        var seen = Decode(bytes, takesText: true);
        Assert.Equal(["h\u00e9", "\u00e9"], seen.Texts);
        Assert.Equal([0xC3], Assert.Single(seen.Messages));
    }

    [Fact]
    public void Text_that_is_not_utf8_is_refused()
    {
        var whole = new ClientFrame(ClientFrame.Text, [0xC3, 0x28]).ToBytes();
        byte[] parts = [.. Fragment(ClientFrame.Text, [0xC3], false), .. Fragment(ClientFrame.Continuation, [0x28], true)];
        Assert.Equal(CloseCode.NotUtf8, Decode(whole, takesText: true).Refusal);
        Assert.Equal(CloseCode.NotUtf8, Decode(parts, takesText: true).Refusal);
    }

    [Theory]
    [InlineData(new byte[0], 1000)]
    [InlineData(new byte[] { 3 }, 1002)]
    [InlineData(new byte[] { 3, 232 }, 1000)]
    [InlineData(new byte[] { 3, 232, 0x62, 0x79, 0x65 }, 1000)]
    [InlineData(new byte[] { 3, 232, 0xC3, 0x28 }, 1002)]
    [InlineData(new byte[] { 3, 237 }, 1002)] // 1005
    [InlineData(new byte[] { 3, 238 }, 1002)] // 1006
    [InlineData(new byte[] { 0, 1 }, 1002)]
    [InlineData(new byte[] { 19, 136 }, 1002)] // 5000
    [InlineData(new byte[] { 17, 49 }, 4401)]
    public void A_close_frame_is_answered_with_its_code_or_with_1002(byte[] payload, int code) =>
        Assert.Equal((CloseCode)code, Frame.AnswerToClose(payload));

    [Fact]
    public void Whatever_arrives_the_decoder_neither_throws_nor_delivers_more_than_the_limit()
    {
        var random = new Random(7);
        for (var round = 0; round < 20_000; round++)
        {
            var bytes = Mutated(random);
            var seen = Decode(bytes, 1 + random.Next(bytes.Length), most: 2_000);
            Assert.All(seen.Messages, message => Assert.InRange(message.Length, 0, 2_000));
        }
    }

    private static byte[] Mutated(Random random)
    {
        byte[] bytes =
        [
            .. Fragment(ClientFrame.Binary, Bytes(random.Next(300)), random.Next(2) == 0), .. Binary(Bytes(random.Next(300))),
            .. new ClientFrame(ClientFrame.Ping, Bytes(random.Next(126))).ToBytes(),
        ];
        for (var hits = random.Next(6); hits > 0; hits--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
        return bytes;
    }

    [Theory]
    [InlineData(0)]
    [InlineData(125)]
    [InlineData(126)]
    [InlineData(65_535)]
    [InlineData(65_536)]
    public void What_the_server_frames_any_client_can_read(int length)
    {
        var frame = Frame.Encode(OpCode.Binary, Bytes(length));
        Assert.Equal(0x82, frame[0]);
        Assert.Equal(new ClientFrame(ClientFrame.Binary, Bytes(length)) { Mask = null }.ToBytes(), frame);
    }

    private sealed record Seen(List<byte[]> Messages, List<string> Texts, List<byte[]> Pings, int Fragments, CloseCode Refusal);

    private static Seen Decode(byte[] bytes, int piece = int.MaxValue, int most = Most, bool takesText = false)
    {
        using var decoder = new FrameDecoder(most, takesText);
        List<byte[]> messages = [], pings = [];
        List<string> texts = [];
        var fragments = 0;
        for (var rest = bytes.AsMemory(); ;)
        {
            var parsed = decoder.TryRead(out var frame);
            if (parsed == Parsed.Refused) return new Seen(messages, texts, pings, fragments, decoder.Refusal);
            if (parsed == Parsed.Done)
            {
                if (frame.OpCode == OpCode.Binary) messages.Add(frame.Payload.ToArray());
                if (frame.OpCode == OpCode.Text) texts.Add(System.Text.Encoding.UTF8.GetString(frame.Payload.Span));
                if (frame.OpCode == OpCode.Ping) pings.Add(frame.Payload.ToArray());
                if (frame.OpCode == OpCode.Continuation) fragments++;
                continue;
            }
            if (rest.IsEmpty) return new Seen(messages, texts, pings, fragments, CloseCode.None);
            if (decoder.IsIdle) decoder.Rest();
            var free = decoder.Free();
            var count = Math.Min(piece, Math.Min(free.Length, rest.Length));
            rest[..count].CopyTo(free);
            decoder.Received(count);
            rest = rest[count..];
        }
    }

    private static byte[] Binary(byte[] payload) => new ClientFrame(ClientFrame.Binary, payload).ToBytes();

    private static byte[] Fragment(byte opCode, byte[] payload, bool final) => new ClientFrame(opCode, payload) { Final = final }.ToBytes();

    private static byte[] Bytes(int length) => [.. Enumerable.Range(0, length).Select(i => (byte)(i * 31))];
}
