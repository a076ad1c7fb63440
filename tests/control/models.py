"""AWS' own models, as botocore has them: what a request may be, and how an answer is written."""

import re
import urllib.parse
from xml.sax.saxutils import escape

import botocore.session
from botocore.validate import ParamValidator

SESSION = botocore.session.get_session()
# The first label of a host, and the service's name in the models.
SERVICES = {"ec2": "ec2", "elasticloadbalancing": "elbv2", "route53": "route53", "sts": "sts"}
READING = ("Describe", "Get", "List", "AssumeRole")

# What came after Debian's models (2022).
NEWER_PARAMETERS = {"DescribeVpcEndpointServices": ("ServiceRegion",)}
NEWER_MEMBERS = {
    "AvailabilityZoneIds": "availabilityZoneIdSet",
    "VpcEndpointRegion": "vpcEndpointRegion",
    "ServiceRegion": "serviceRegion",
    "EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic": "EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic",
}
# A newer operation, and an older one of the same form: its parameter, and that of the older one.
NEWER_OPERATIONS = {"DescribeListenerAttributes": ("DescribeTargetGroupAttributes", "ListenerArn", "TargetGroupArn")}


class NotInModel(Exception):
    """A request that the service's model does not have."""


class Operation:
    """One operation of a service."""

    def __init__(self, service, name):
        self.name = name
        self.service = service
        self._older = NEWER_OPERATIONS.get(name)
        model = SESSION.get_service_model(service)
        try:
            self._model = model.operation_model(self._older[0] if self._older else name)
        except Exception as error:
            raise NotInModel(f"{service} has no operation {name}") from error
        if not name.startswith(READING):
            raise NotInModel(f"{name} changes something")
        self.protocol = model.metadata["protocol"]
        self.version = model.metadata["apiVersion"]
        host = "https://route53" if service == "route53" else "http://ec2"
        self._namespace = model.metadata.get("xmlNamespace", f"{host}.amazonaws.com/doc/{self.version}/")

    def parameters(self, form):
        """Those of a form, checked: names, types, required ones, and names of filters."""
        form = dict(form)
        if self._older and self._older[1] in form:
            form[self._older[2]] = form.pop(self._older[1])
        used = {"Action", "Version"}
        shape = self._model.input_shape
        found = self._structure(shape, "", form, used) if shape else {}
        for key in set(form) - used:
            if key.partition(".")[0] not in NEWER_PARAMETERS.get(self.name, ()):
                raise NotInModel(f"{self.name} has no parameter {key}")
        self.validate(found)
        for chosen in found.get("Filters", []):
            documented = re.findall(r"<code>(.*?)</code>", shape.members["Filters"].documentation)
            if chosen["Name"] not in documented:
                raise NotInModel(f"{self.name} has no filter {chosen['Name']}")
        return found

    def validate(self, parameters):
        if self._model.input_shape:
            report = ParamValidator().validate(parameters, self._model.input_shape)
            if report.has_errors():
                raise NotInModel(f"{self.name}: {report.generate_report()}")

    def uri_parameters(self, path, query):
        """Of a REST operation; nothing where the path is another one's."""
        pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", self._model.http["requestUri"].partition("?")[0])
        match = re.fullmatch(pattern, path)
        if not match:
            return None
        found = {}
        for name, shape in self._model.input_shape.members.items():
            wire = shape.serialization.get("name", name)
            if shape.serialization.get("location") == "uri":
                found[name] = urllib.parse.unquote(match.group(wire))
            elif wire in query:
                found[name] = query.pop(wire)
        if query:
            raise NotInModel(f"{self.name} has no query parameter {sorted(query)}")
        self.validate(found)
        return found

    def answer(self, content):
        """The response's XML. `content` is as botocore gives it to its callers."""
        shape = self._model.output_shape
        inner = "".join(self._members(shape, content))
        wrapper = shape.serialization.get("resultWrapper")
        if self.protocol == "rest-xml":
            return self._document(shape.name, inner)
        if wrapper:
            inner = f"<{wrapper}>{inner}</{wrapper}><ResponseMetadata><RequestId>0b3a</RequestId></ResponseMetadata>"
        else:
            inner = f"<requestId>0b3a</requestId>{inner}"
        document = self._document(self._model.name + "Response", inner)
        return document.replace(self._older[0], self.name) if self._older else document

    def _document(self, root, inner):
        return f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} xmlns="{self._namespace}">{inner}</{root}>'

    def _wire(self, name, shape):
        if self.protocol != "ec2":
            return shape.serialization.get("name", name)
        wire = shape.serialization.get("queryName") or shape.serialization.get("name") or name
        return wire[0].upper() + wire[1:]

    def _value(self, shape, prefix, form, used):
        if shape.type_name == "structure":
            return self._structure(shape, prefix + ".", form, used)
        if shape.type_name == "list":
            step = prefix if self.protocol == "ec2" else f"{prefix}.{shape.member.serialization.get('name', 'member')}"
            values = []
            while any(key == f"{step}.{len(values) + 1}" or key.startswith(f"{step}.{len(values) + 1}.")
                      for key in form):
                values.append(self._value(shape.member, f"{step}.{len(values) + 1}", form, used))
            return values
        used.add(prefix)
        text = form[prefix]
        if shape.type_name in ("integer", "long"):
            return int(text)
        return text == "true" if shape.type_name == "boolean" else text

    def _structure(self, shape, prefix, form, used):
        found = {}
        for name, member in shape.members.items():
            key = prefix + self._wire(name, member)
            if any(other == key or other.startswith(key + ".") for other in form):
                found[name] = self._value(member, key, form, used)
        return found

    def _members(self, shape, content):
        for name, value in content.items():
            if name in shape.members:
                member = shape.members[name]
                yield self._element(member.serialization.get("name", name), member, value)
            elif isinstance(value, list):
                items = "".join(f"<item>{escape(item)}</item>" for item in value)
                yield f"<{NEWER_MEMBERS[name]}>{items}</{NEWER_MEMBERS[name]}>"
            else:
                yield f"<{NEWER_MEMBERS[name]}>{escape(value)}</{NEWER_MEMBERS[name]}>"

    def _element(self, tag, shape, value):
        if shape.type_name == "structure":
            inner = "".join(self._members(shape, value))
        elif shape.type_name == "list":
            item = shape.member.serialization.get("name", "member")
            inner = "".join(self._element(item, shape.member, one) for one in value)
        elif shape.type_name == "boolean":
            inner = "true" if value else "false"
        else:
            inner = escape(str(value))
        return f"<{tag}>{inner}</{tag}>"
