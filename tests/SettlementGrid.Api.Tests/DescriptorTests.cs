using System.Text;
using Google.Protobuf.Reflection;

namespace SettlementGrid.Api.Tests;

/// <summary>Callers' generated code depends on every name and number: they may be added to and never changed.</summary>
public sealed class DescriptorTests
{
    private const string Approved = "Approved/descriptors.txt";

    [Fact]
    public void Names_and_numbers_of_the_protos_only_grow()
    {
        var approved = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, Approved));
        var present = Lines();

        var lost = approved.Except(present).ToList();
        var added = present.Except(approved).ToList();

        Assert.True(
            lost.Count == 0,
            $"Callers rely on these; put them back and use new numbers instead:\n{string.Join('\n', lost)}");
        Assert.True(
            added.Count == 0,
            $"New: add these lines to {Approved} (sorted), they can then not change:\n{string.Join('\n', added)}");
    }

    private static List<string> Lines()
    {
        var files = MethodTableTests.MethodsOfTheProtos().Select(method => method.File)
            .SelectMany(file => file.Dependencies.Append(file))
            .Where(file => !file.Package.StartsWith("google.", StringComparison.Ordinal))
            .Distinct();
        var lines = new List<string>();
        foreach (var file in files)
        {
            lines.AddRange(file.Services.SelectMany(service => service.Methods).Select(Line));
            AddTypes(file.MessageTypes, file.EnumTypes, lines);
        }

        lines.Sort(StringComparer.Ordinal);
        return lines;
    }

    private static void AddTypes(
        IEnumerable<MessageDescriptor> messages, IEnumerable<EnumDescriptor> enums, List<string> lines)
    {
        lines.AddRange(enums.SelectMany(one => one.Values).Select(value =>
            $"enum {value.EnumDescriptor.FullName} {value.Name} = {value.Number}"));
        foreach (var message in messages)
        {
            lines.Add($"message {message.FullName}");
            lines.AddRange(message.Fields.InFieldNumberOrder().Select(Line));
            AddTypes(message.NestedTypes, message.EnumTypes, lines);
        }
    }

    private static string Line(MethodDescriptor method) =>
        $"rpc {method.FullName} {(method.IsClientStreaming ? "stream " : "")}{method.InputType.FullName} -> "
        + $"{(method.IsServerStreaming ? "stream " : "")}{method.OutputType.FullName}";

    private static string Line(FieldDescriptor field)
    {
        var type = new StringBuilder(field.FieldType switch
        {
            FieldType.Message => field.MessageType.FullName,
            FieldType.Enum => field.EnumType.FullName,
            _ => field.FieldType.ToString().ToLowerInvariant(),
        });
        if (field.IsRepeated)
        {
            type.Insert(0, "repeated ");
        }
        else if (field.RealContainingOneof is { } oneof)
        {
            type.Insert(0, $"oneof {oneof.Name} ");
        }
        else if (field.ToProto().Proto3Optional)
        {
            type.Insert(0, "optional ");
        }

        return $"field {field.ContainingType.FullName} {field.FieldNumber} {field.Name}: {type}";
    }
}
