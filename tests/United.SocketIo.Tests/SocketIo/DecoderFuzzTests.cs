using System.Text;

namespace United.SocketIo.Tests.SocketIo;

public sealed class DecoderFuzzTests
{
    [Fact]
    public void Whatever_comes_the_decoder_neither_throws_nor_lets_through_what_it_should_not()
    {
        var random = new Random(5);
        var alphabet = "0123456789-/,[]{}\"\\aé:true.numplaceholder_ \u001e";
        var options = SocketIoJson.NewOptions();
        for (var round = 0; round < 200_000; round++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(24)).Select(_ => alphabet[random.Next(alphabet.Length)]));
            var bytes = Encoding.UTF8.GetBytes("5612304"[random.Next(7)] + text);
            if (!PacketDecoder.TryRead(bytes, 10, out var packet)) continue;
            Assert.InRange(packet.Attachments, packet.Type is PacketType.BinaryEvent or PacketType.BinaryAck ? 1 : 0, 10);
            if (packet.Json.IsEmpty || packet.Json.Span[0] != '[') continue;
            var attachments = new ReadOnlyMemory<byte>[packet.Attachments];
            if (!Arguments.TryReadEvent(packet.Json.ToArray(), attachments, options, out _, out var args)) continue;
            foreach (var arg in args) Assert.True(Arguments.IsJson(arg.Json.Span));
        }
    }
}
