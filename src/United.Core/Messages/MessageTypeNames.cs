using System.Diagnostics;
using United.Core.Media;

namespace United.Core.Messages;

/// <summary>How types of messages and media are written on the wires.</summary>
public static class MessageTypeNames
{
    public static string Of(MessageType type) => type switch
    {
        MessageType.Text => "text",
        MessageType.Media => "media",
        MessageType.Voice => "voice",
        MessageType.SharedPost => "shared_post",
        MessageType.System => "system",
        MessageType.Encrypted => "encrypted",
        _ => throw new UnreachableException(),
    };

    /// <returns>Null for none; a refusal for what is no type.</returns>
    public static Result<MessageType?> Parse(string? name) => name switch
    {
        null => (MessageType?)null,
        "text" => MessageType.Text,
        "media" => MessageType.Media,
        "voice" => MessageType.Voice,
        "shared_post" => MessageType.SharedPost,
        "system" => MessageType.System,
        _ => Refusal.Invalid("type", "has to be text, media, voice or shared_post"),
    };

    public static string Of(MediaType type) => type switch
    {
        MediaType.Image => "image",
        MediaType.Video => "video",
        MediaType.Voice => "voice",
        MediaType.File => "file",
        _ => throw new UnreachableException(),
    };
}
