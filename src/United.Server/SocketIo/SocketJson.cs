using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using United.Server.Rest;
using United.SocketIo;

namespace United.Server.SocketIo;

/// <summary>REST's records under camelCase names, with the few that this wire has for itself. Read as strictly as there.</summary>
internal static class SocketJson
{
    private static readonly JsonSerializerOptions Options = Create();

    public static JsonTypeInfo<T> Of<T>() => (JsonTypeInfo<T>)Options.GetTypeInfo(typeof(T));

    /// <param name="options">The library's: it writes with them.</param>
    public static void Apply(JsonSerializerOptions options)
    {
        RestJson.ApplyStrictness(options);
        options.PropertyNamingPolicy = JsonNamingPolicy.CamelCase;
        options.TypeInfoResolverChain.Insert(0, JsonTypeInfoResolver.Combine(SocketJsonContext.Default, RestJson.Resolver));
        // A page of history may hold more waveforms than a packet may have binary parts.
        options.Converters.Insert(0, JsonMetadataServices.ByteArrayConverter);
    }

    private static JsonSerializerOptions Create()
    {
        var options = new SocketIoOptions().Json;
        Apply(options);
        options.MakeReadOnly();
        return options;
    }
}

[JsonSerializable(typeof(AuthBody))]
[JsonSerializable(typeof(SendBody))]
[JsonSerializable(typeof(EditBody))]
[JsonSerializable(typeof(DeleteBody))]
[JsonSerializable(typeof(MarkBody))]
[JsonSerializable(typeof(HistoryBody))]
[JsonSerializable(typeof(ReactBody))]
[JsonSerializable(typeof(ConversationBody))]
[JsonSerializable(typeof(SealedBody))]
[JsonSerializable(typeof(DmHistoryBody))]
[JsonSerializable(typeof(SealedJson))]
[JsonSerializable(typeof(SealedPageJson))]
[JsonSerializable(typeof(DmKeyRotatedJson))]
[JsonSerializable(typeof(ErrorJson))]
[JsonSerializable(typeof(CodeJson))]
[JsonSerializable(typeof(HelloJson))]
[JsonSerializable(typeof(SessionEndedJson))]
[JsonSerializable(typeof(DoneJson))]
[JsonSerializable(typeof(PostedJson))]
[JsonSerializable(typeof(SentJson))]
[JsonSerializable(typeof(ChangedJson))]
[JsonSerializable(typeof(ReadJson))]
[JsonSerializable(typeof(DeliveredJson))]
[JsonSerializable(typeof(ReactionsJson))]
[JsonSerializable(typeof(EditedJson))]
[JsonSerializable(typeof(DeletedJson))]
[JsonSerializable(typeof(DeliveredReceiptJson))]
[JsonSerializable(typeof(ReadReceiptJson))]
[JsonSerializable(typeof(FlaggedJson))]
[JsonSerializable(typeof(ReactedJson))]
[JsonSerializable(typeof(WritingJson))]
[JsonSerializable(typeof(StatusJson))]
[JsonSerializable(typeof(GoneJson))]
[JsonSerializable(typeof(MembershipJson))]
[JsonSerializable(typeof(UnreadJson))]
internal sealed partial class SocketJsonContext : JsonSerializerContext;
