using System.Text;
using Google.Protobuf;
using United.Wire.Ws;

namespace United.Server.ProtoSocket;

/// <summary>From the bytes of one message to a request. Everything is copied out of the bytes, which are the reader's again at once.</summary>
internal static class EnvelopeParser
{
    private const int MostRequestId = 64;

    private static readonly MessageParser<Envelope> Parser = Envelope.Parser.WithDiscardUnknownFields(true);

    /// <returns>Null for what is no envelope.</returns>
    public static Envelope? Parse(ReadOnlySpan<byte> payload)
    {
        try
        {
            var request = Parser.ParseFrom(payload);
            return request.RequestId.Length <= MostRequestId && IsSound(request.RequestId, payload) && IsSound(TextOf(request), payload) ? request : null;
        }
        catch (InvalidProtocolBufferException)
        {
            return null;
        }
    }

    private static string TextOf(Envelope request) => request.PayloadCase switch
    {
        Envelope.PayloadOneofCase.SendMessage => request.SendMessage.Content,
        Envelope.PayloadOneofCase.EditMessage => request.EditMessage.Content,
        _ => "",
    };

    // The library puts U+FFFD for bytes that are not UTF-8, where proto3 wants them refused: what was really sent as that
    // character stands in the bytes as it is.
    private static bool IsSound(string text, ReadOnlySpan<byte> payload) =>
        !text.Contains('\uFFFD') || payload.IndexOf(Encoding.UTF8.GetBytes(text)) >= 0;
}
