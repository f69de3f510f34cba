using System.Globalization;
using System.Text;
using Google.Protobuf.Reflection;
using United.Core;
using United.Core.Media;
using United.Core.Messages;
using United.Core.Realtime;
using United.Core.Storage;
using United.Testing;
using Xunit;

namespace United.Server.Tests.House;

/// <summary>What others rely on: numbers on the wire and on disk, codes of refusals, the description of the routes.</summary>
public sealed class FrozenTests
{
    [Fact]
    public void Faults_keep_their_numbers_codes_and_statuses()
    {
        var table = new StringBuilder("# Faults\n\nEvery refusal of every wire. The code is what a program decides by; it never changes its meaning.\n\n| number | code | HTTP | text |\n|---|---|---|---|\n");
        foreach (var fault in Fault.All) table.Append(CultureInfo.InvariantCulture, $"| {fault.Number} | `{fault.Code}` | {fault.HttpStatus} | {fault.Text} |\n");
        Assert.Equal(Fault.All.Count, Fault.All.Select(fault => fault.Number).Distinct().Count());
        Assert.Equal(Fault.All.Count, Fault.All.Select(fault => fault.Code).Distinct().Count());
        Repository.Approve("docs/generated/faults.md", table.ToString());
    }

    [Fact]
    public void What_is_stored_or_sent_as_a_number_keeps_it()
    {
        var lines = new StringBuilder();
        foreach (var type in (Type[])[typeof(Role), typeof(Permissions), typeof(ConversationKind), typeof(MemberState), typeof(MemberRole), typeof(MessageType), typeof(MediaType), typeof(NotificationLevel), typeof(RequestState)])
            foreach (var name in Enum.GetNames(type))
                lines.Append(CultureInfo.InvariantCulture, $"{type.Name}.{name} = {Convert.ToInt64(Enum.Parse(type, name), CultureInfo.InvariantCulture)}\n");
        foreach (var (name, reason) in (ReadOnlySpan<(string, CloseReason)>)
            [
                ("GoingAway", CloseReason.GoingAway), ("TooSlow", CloseReason.TooSlow), ("Silent", CloseReason.Silent), ("Gone", CloseReason.Gone), ("NotSignedIn", CloseReason.NotSignedIn),
                ("Malformed", CloseReason.Malformed), ("RateLimited", CloseReason.RateLimited), ("Internal", CloseReason.Internal),
            ])
            lines.Append(CultureInfo.InvariantCulture, $"CloseReason.{name} = {reason.Code} {reason.Text}\n");
        Repository.Approve("docs/generated/numbers.txt", lines.ToString());
    }

    [Fact]
    public void Protobuf_messages_keep_their_field_numbers()
    {
        var lines = new StringBuilder();
        FileDescriptor[] files = [Wire.Chat.ChatReflection.Descriptor, Wire.Dm.DmReflection.Descriptor, Wire.Presence.PresenceReflection.Descriptor, Wire.Ws.WsReflection.Descriptor];
        foreach (var file in files)
        {
            foreach (var message in file.MessageTypes.OrderBy(message => message.FullName, StringComparer.Ordinal)) Describe(message, lines);
            foreach (var type in file.EnumTypes) Describe(type, lines);
        }
        Repository.Approve("docs/generated/protobuf.txt", lines.ToString());
    }

    [Fact]
    public async Task The_openapi_document_changes_on_purpose_only()
    {
        await using var server = await TestServer.Start(Engine.Sqlite);

        Repository.Approve("docs/generated/openapi.json", (await server.Client.GetStringAsync("/openapi/v1.json", TestContext.Current.CancellationToken)).ReplaceLineEndings("\n"));
    }

    private static void Describe(MessageDescriptor message, StringBuilder lines)
    {
        foreach (var field in message.Fields.InFieldNumberOrder())
        {
            var type = field.FieldType is FieldType.Message ? field.MessageType.FullName : field.FieldType is FieldType.Enum ? field.EnumType.FullName : field.FieldType.ToString();
            lines.Append(CultureInfo.InvariantCulture, $"{message.FullName} {field.FieldNumber} {field.Name}: {(field.IsRepeated && !field.IsMap ? "repeated " : "")}{type}\n");
        }
        foreach (var nested in message.NestedTypes) Describe(nested, lines);
        foreach (var type in message.EnumTypes) Describe(type, lines);
    }

    private static void Describe(EnumDescriptor type, StringBuilder lines)
    {
        foreach (var value in type.Values) lines.Append(CultureInfo.InvariantCulture, $"{type.FullName} {value.Number} {value.Name}\n");
    }
}
